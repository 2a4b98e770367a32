// Package notifying sends one approved template to an audience of opted-in contacts: what is asked for (notifying.go),
// who may get it (judge.go), putting it into the queue (runner.go), again to the right ones (again.go), on a schedule
// (schedule.go) and for other programs (api.go). WhatsApp forbids promotion over this channel, so there is none here.
package notifying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"parley/models"
	"parley/services/messaging"
	"parley/whatsapp"
)

// MaxPicked is the largest list of hand-picked contacts.
const MaxPicked = 500

// Service sends notifications.
type Service struct {
	store *models.Store
	log   *slog.Logger
	wake  chan struct{}
}

// New makes the service.
func New(store *models.Store, log *slog.Logger) *Service {
	return &Service{store: store, log: log, wake: make(chan struct{}, 1)}
}

// Request is a notification as it was asked for.
type Request struct {
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

// Save writes a notification, new (id "") or not, and has its dry run made: nothing is sent. The same token makes one
// notification. Where nothing was changed, what is planned or waits for approval stays so, and a draft gets another dry
// run. Refusals name the field.
func (s *Service) Save(
	ctx context.Context,
	a models.Actor,
	id string,
	version int,
	r Request,
) (*models.Notification, error) {
	planned := s.checkTime(r)
	err := s.check(r, id == "")
	if err != nil && planned != nil || id == "" {
		err = errors.Join(err, planned)
	}
	if err != nil {
		return nil, err
	}
	sender, err := s.store.SenderByPublicID(ctx, r.SenderID)
	if err != nil {
		return nil, models.Invalid("sender", "Choose a sender.")
	}
	var n *models.Notification
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(r.VersionID)
		if err != nil {
			return models.Invalid("template", "Choose a template.")
		}
		if err := checkTemplate(sender, v, r.Role); err != nil {
			return err
		}
		g, err := tx.GroupOf(v)
		if err != nil {
			return err
		}
		if err := checkFills(g, r); err != nil {
			return err
		}
		if n, err = s.row(tx, a, id, version, r); err != nil {
			return err
		}
		fresh, before := n.ID == 0, *n
		n.VersionID, n.SenderID = v.ID, sender.ID
		s.take(n, r)
		if n.Name == "" {
			n.Name = v.Template.Name
		}
		if !fresh && r.Rows == nil {
			same, err := unchanged(&before, n)
			if err != nil {
				return err
			}
			if same {
				*n = before
				return s.recheck(tx, n)
			}
		}
		if planned != nil {
			return planned
		}
		return s.write(tx, a, n, r)
	})
	s.nudge()
	return n, err
}

// write stores a notification that is new or was changed. What somebody approved was another one.
func (s *Service) write(tx *models.Tx, a models.Actor, n *models.Notification, r Request) error {
	word, did := "changed", models.EditorEdited
	if n.ID == 0 {
		word, did = "drafted", models.EditorWrote
		added, err := tx.AddNotification(n)
		if err != nil || !added {
			return err
		}
	} else {
		n.Version++
	}
	errs := []error{tx.ForgetRecipients(n.ID), tx.SaveNotification(n), tx.NoteEditor(n, a, did), tx.DropApprovalOf(n)}
	if r.Rows != nil {
		errs = append(errs, tx.SetListRows(n, r.Rows))
	}
	return errors.Join(
		append(
			errs,
			tx.Audit(a, "notification."+word, "notification", n.PublicID, "The notification "+n.Name+" was "+word, nil),
			tx.Publish("home"),
		)...)
}

// row is the notification that a request is about: a new one, or a locked one that can still be changed.
func (s *Service) row(tx *models.Tx, a models.Actor, id string, version int, r Request) (*models.Notification, error) {
	if id == "" {
		return &models.Notification{
			Token:     r.Token,
			CreatedBy: a.ID,
			CreatedAt: tx.Now(),
			UpdatedAt: tx.Now(),
			BasedOn:   r.BasedOn,
			Version:   1,
		}, nil
	}
	n, err := tx.NotificationForUpdate(id)
	switch {
	case err != nil:
		return nil, err
	case !n.Editable():
		return nil, models.Conflict("It is on its way and can't be changed any more. Cancel it and begin a new one.")
	case n.Version != version:
		return nil, models.ErrStale("notification")
	}
	return n, nil
}

func (*Service) take(n *models.Notification, r Request) {
	n.Name, n.UseCase, n.Audience, n.Fills, n.Variables = r.Name, r.UseCase, r.Audience, r.Fills, models.Values{}
	for number, f := range r.Fills {
		if f.From == "fixed" {
			n.Variables[number] = f.Value
		}
	}
	n.SendAt, n.LocalTime, n.QuietFrom, n.QuietTo, n.Speed = r.SendAt, r.LocalTime, r.QuietFrom, r.QuietTo, r.Speed
	n.ValidHours, n.StopPercent = r.ValidHours, r.StopPercent
	n.State, n.Cursor, n.Excluded, n.Allowed, n.CheckedAt, n.ApprovedBy = models.NotificationChecking, 0, map[string]int{}, 0, nil, nil
	n.ValidUntil = nil
}

func (s *Service) check(r Request, fresh bool) error {
	var errs []error
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	if whatsapp.Length(r.Name) > 100 {
		bad("name", "A name has at most 100 characters.")
	}
	switch r.Audience.Kind {
	case "contacts":
		if len(r.Audience.Contacts) == 0 {
			bad("contacts", "Choose at least one contact.")
		}
		if len(r.Audience.Contacts) > MaxPicked {
			bad(
				"contacts",
				fmt.Sprintf("Choose at most %d contacts by hand: for more use a segment, tags or a list.", MaxPicked),
			)
		}
	case "filter":
		if err := r.Audience.Problem(); err != nil {
			errs = append(errs, err)
		}
	case "list":
		if r.Audience.Rows == 0 {
			bad("list", "Paste the numbers, one a line, or upload a file.")
		}
	default:
		bad("audience", "Choose to whom it goes.")
	}
	if r.UseCase != "customer_care" && r.UseCase != "notification" && r.UseCase != "mixed" {
		bad("use_case", "Choose what the notification is for.")
	}
	if r.VersionID == "" {
		bad("template", "Choose a template.")
	}
	if fresh && r.Token == "" {
		bad("", "The form has expired: open it again.")
	}
	if (r.QuietFrom == nil) != (r.QuietTo == nil) || r.QuietFrom != nil && *r.QuietFrom == *r.QuietTo {
		bad("quiet_from", "Give both ends of the quiet hours, and not the same.")
	}
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
			if r.Audience.Kind != "list" || !has(r.Audience.Columns, f.Value) {
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

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
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

// chosen refuses what nobody knows the audience of.
func chosen(n *models.Notification) error {
	if e, ok := errors.AsType[*models.Error](n.Audience.Problem()); ok {
		return &models.Error{Kind: models.KindConflict, Code: e.Code, Args: e.Args}
	}
	return nil
}

// Pause keeps what has not left where it is.
func (s *Service) Pause(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.NotificationForUpdate(id)
		if err != nil {
			return err
		}
		return tx.PauseNotification(a, n, "")
	})
}

// Cancel stops what has not left yet.
func (s *Service) Cancel(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.CancelNotification(a, id) })
}

// nudge lets the runner look at once.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
