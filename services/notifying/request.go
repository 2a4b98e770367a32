package notifying

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/services/messaging"
	"parley/whatsapp"
)

// Request is a notification as it was asked for.
type Request struct {
	ID                  string // the notification's public id, empty for a new one
	Version             int    // the one that the form was opened with
	Name                string
	VersionID, SenderID string
	Audience            models.Audience
	Rows                []models.ListRow // of a list; nil keeps the ones that are there
	Fills               models.Fills     // by number among TemplateGroup.Names
	SendAt              *time.Time
	LocalTime           bool
	QuietFrom, QuietTo  *int
	Speed               float64
	ValidHours          int
	StopPercent         int
	UseCase             string      // customer_care, notification, mixed
	Role                models.Role // of who sends
	Token               string      // identifies the form
	BasedOn             *int64
}

// apply puts what was asked for into a notification, which is checked from the start then.
func (r Request) apply(n *models.Notification) {
	n.Name, n.UseCase, n.Audience, n.Fills, n.Variables = r.Name, r.UseCase, r.Audience, r.Fills, models.Values{}
	for number, f := range r.Fills {
		if f.From == "fixed" {
			n.Variables[number] = f.Value
		}
	}
	n.SendAt, n.LocalTime, n.QuietFrom, n.QuietTo, n.Speed = r.SendAt, r.LocalTime, r.QuietFrom, r.QuietTo, r.Speed
	n.ValidHours, n.StopPercent = r.ValidHours, r.StopPercent
	n.State, n.Cursor = models.NotificationChecking, 0
	n.Excluded, n.Allowed = map[whatsapp.Exclusion]int{}, 0
	n.CheckedAt, n.ApprovedBy, n.ValidUntil = nil, nil, nil
}

// check is what is wrong with a request by itself.
func (r Request) check() error {
	var errs []error
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	if whatsapp.Length(r.Name) > 100 {
		bad("name", "A name has at most 100 characters.")
	}
	if err := checkAudience(r.Audience); err != nil {
		errs = append(errs, err)
	}
	if r.UseCase != "customer_care" && r.UseCase != "notification" && r.UseCase != "mixed" {
		bad("use_case", "Choose what the notification is for.")
	}
	if r.VersionID == "" {
		bad("template", "Choose a template.")
	}
	if r.ID == "" && r.Token == "" {
		bad("", "The form has expired: open it again.")
	}
	return errors.Join(append(errs, r.checkSending())...)
}

// checkAudience refuses an audience of nobody.
func checkAudience(a models.Audience) error {
	switch a.Kind {
	case "contacts":
		if len(a.Contacts) == 0 {
			return models.Invalid("contacts", "Choose at least one contact.")
		}
		if len(a.Contacts) > MaxPicked {
			return models.Invalid("contacts",
				fmt.Sprintf("Choose at most %d contacts by hand: for more use a segment, tags or a list.", MaxPicked))
		}
		return nil
	case "filter":
		return a.Problem()
	case "list":
		if a.Rows == 0 {
			return models.Invalid("list", "Paste the numbers, one a line, or upload a file.")
		}
		return nil
	default:
		return models.Invalid("audience", "Choose to whom it goes.")
	}
}

// checkSending is what is wrong with how a request is to be sent: when nobody is to be disturbed, how fast, for how
// long and until how many failures.
func (r Request) checkSending() error {
	errs := []error{checkQuietHours(r.QuietFrom, r.QuietTo)}
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	if r.Speed < 0 || r.Speed > 1000 || math.IsNaN(r.Speed) || r.Speed > 0 && r.Speed < 0.01 {
		bad("speed", "Write messages a second from 0.01 to 1000, or leave it empty for the sender's own pace.")
	}
	if r.ValidHours < 1 || r.ValidHours > 720 {
		bad("valid_hours", "Write hours from 1 to 720.")
	}
	if r.StopPercent < 1 || r.StopPercent > 100 {
		bad("stop_percent", "Write a percentage from 1 to 100.")
	}
	return errors.Join(errs...)
}

// checkQuietHours refuses quiet hours with one end only, or with none between.
func checkQuietHours(from, to *int) error {
	if (from == nil) != (to == nil) || from != nil && *from == *to {
		return models.Invalid("quiet_from", "Give both ends of the quiet hours, and not the same.")
	}
	return nil
}

// checkFills refuses a placeholder that nothing fills, and a value that breaks WhatsApp's rules.
func checkFills(g *models.TemplateGroup, r Request) error {
	var errs []error
	for i, name := range g.Names() {
		n := fmt.Sprint(i + 1)
		f := r.Fills[n]
		field, fallback := g.Filled(name)
		own := field != "" || fallback != ""
		switch f.From {
		case "", "fixed":
			if strings.TrimSpace(f.Value) == "" && own {
				continue
			}
			if p := whatsapp.ValueProblem(name, f.Value); p != "" {
				errs = append(errs, models.Invalid("value-"+n, p))
			}
		case "field":
			if f.Value == "" {
				errs = append(errs, models.Invalid("value-"+n, "Choose the contact's field."))
			}
		case "column":
			if r.Audience.Kind != "list" || !slices.Contains(r.Audience.Columns, f.Value) {
				errs = append(errs, models.Invalid("value-"+n, "The list has no such column: "+f.Value+"."))
			}
		default:
			errs = append(errs, models.Invalid("value-"+n, "Choose where the value comes from."))
		}
		if f.Default != "" {
			if p := whatsapp.ValueProblem(name, f.Default); p != "" {
				errs = append(errs, models.Invalid("value-"+n, p))
			}
		}
	}
	return errors.Join(errs...)
}

func checkTemplate(s *models.Sender, v *models.TemplateVersion, role models.Role) error {
	// Consent is checked for each contact; here a contact who may be sent anything stands in.
	err := messaging.MaySend(&models.Contact{Consent: whatsapp.OptedIn}, s, v)
	if e, ok := errors.AsType[*models.Error](err); ok {
		return models.InvalidBecause("template", e)
	}
	if s.State != "online" {
		return models.Invalid("sender", "This sender is offline.")
	}
	if !role.Can(v.Template.SendRole) {
		return models.Invalid("template", "Only "+string(v.Template.SendRole)+"s may send this template.")
	}
	return err
}
