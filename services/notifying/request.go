package notifying

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/whatsapp"
)

// Request is a notification as it was asked for.
type Request struct {
	ID                  string // the notification's public id, empty for a new one
	Version             int    // the one that the form was opened with
	Name                string
	VersionID, SenderID string
	Audience            notifications.Audience
	Rows                []notifications.ListRow // of a list; nil keeps the ones that are there
	Fills               notifications.Fills     // by number among TemplateGroup.Names
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

// apply sets the request's values on a notification, which then has to be checked from the start.
func (r Request) apply(n *notifications.Notification) {
	n.Name, n.UseCase, n.Audience, n.Fills, n.Variables = r.Name, r.UseCase, r.Audience, r.Fills, templates.Values{}
	for number, f := range r.Fills {
		if f.From == "fixed" {
			n.Variables[number] = f.Value
		}
	}
	n.SendAt, n.LocalTime, n.QuietFrom, n.QuietTo, n.Speed = r.SendAt, r.LocalTime, r.QuietFrom, r.QuietTo, r.Speed
	n.ValidHours, n.StopPercent = r.ValidHours, r.StopPercent
	n.State, n.Cursor = notifications.NotificationChecking, 0
	n.Excluded, n.Allowed = map[whatsapp.Exclusion]int{}, 0
	n.CheckedAt, n.ApprovedBy, n.ValidUntil = nil, nil, nil
}

// check returns what is wrong with a request by itself.
func (r Request) check() error {
	var errs []error
	bad := func(field, code string) { errs = append(errs, models.Invalid(field, code)) }
	if whatsapp.Length(r.Name) > 100 {
		bad("name", "notification.name_too_long")
	}
	if err := checkAudience(r.Audience); err != nil {
		errs = append(errs, err)
	}
	if r.UseCase != "customer_care" && r.UseCase != "notification" && r.UseCase != "mixed" {
		bad("use_case", "notification.use_case_missing")
	}
	if r.VersionID == "" {
		bad("template", "template.missing")
	}
	if r.ID == "" && r.Token == "" {
		bad("", "form.expired")
	}
	return errors.Join(append(errs, r.checkSending())...)
}

// checkAudience refuses an empty audience.
func checkAudience(a notifications.Audience) error {
	switch a.Kind {
	case "contacts":
		if len(a.Contacts) == 0 {
			return models.Invalid("contacts", "notification.contacts_missing")
		}
		if len(a.Contacts) > MaxPicked {
			return models.Invalid("contacts", "notification.contacts_too_many", "Count", MaxPicked)
		}
		return nil
	case "filter":
		return a.Problem()
	case "list":
		if a.Rows == 0 {
			return models.Invalid("list", "notification.list_missing")
		}
		return nil
	default:
		return models.Invalid("audience", "notification.audience_kind_missing")
	}
}

// checkSending returns what is wrong with a request's quiet hours, speed, validity and limit of failures.
func (r Request) checkSending() error {
	errs := []error{checkQuietHours(r.QuietFrom, r.QuietTo)}
	bad := func(field, code string) { errs = append(errs, models.Invalid(field, code)) }
	if r.Speed < 0 || r.Speed > 1000 || math.IsNaN(r.Speed) || r.Speed > 0 && r.Speed < 0.01 {
		bad("speed", "notification.speed_range")
	}
	if r.ValidHours < 1 || r.ValidHours > 720 {
		bad("valid_hours", "notification.hours_range")
	}
	if r.StopPercent < 1 || r.StopPercent > 100 {
		bad("stop_percent", "notification.percentage_range")
	}
	return errors.Join(errs...)
}

// checkQuietHours refuses quiet hours with one end only, or of no length.
func checkQuietHours(from, to *int) error {
	if (from == nil) != (to == nil) || from != nil && *from == *to {
		return models.Invalid("quiet_from", "notification.quiet_hours")
	}
	return nil
}

// checkFills refuses a placeholder that nothing fills, and a value that breaks WhatsApp's rules.
func checkFills(g *templates.TemplateGroup, r Request) error {
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
				errs = append(errs, models.Invalid("value-"+n, "template.value_refused", "Reason", p))
			}
		case "field":
			if f.Value == "" {
				errs = append(errs, models.Invalid("value-"+n, "notification.field_missing"))
			}
		case "column":
			if r.Audience.Kind != "list" || !slices.Contains(r.Audience.Columns, f.Value) {
				errs = append(errs, models.Invalid("value-"+n, "notification.column_unknown", "Column", f.Value))
			}
		default:
			errs = append(errs, models.Invalid("value-"+n, "notification.value_source_missing"))
		}
		if f.Default != "" {
			if p := whatsapp.ValueProblem(name, f.Default); p != "" {
				errs = append(errs, models.Invalid("value-"+n, "template.value_refused", "Reason", p))
			}
		}
	}
	return errors.Join(errs...)
}

func checkTemplate(s *senders.Sender, v *templates.TemplateVersion, role models.Role) error {
	// Consent is checked for each contact later; here a contact who is opted in is used.
	err := messaging.MaySend(&people.Contact{Consent: whatsapp.OptedIn}, s, v)
	if e, ok := errors.AsType[*models.Error](err); ok {
		return models.InvalidBecause("template", e)
	}
	if s.State != whatsapp.SenderOnline {
		return models.Invalid("sender", "notification.sender_offline")
	}
	if !role.Can(v.Template.SendRole) {
		return models.Invalid("template", "template.role_needed", "Role", v.Template.SendRole)
	}
	return err
}
