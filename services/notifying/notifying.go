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
	"parley/services/whatsapp"
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
// notification. Refusals name the field.
func (s *Service) Save(ctx context.Context, a models.Actor, id string, version int, r Request) (*models.Notification, error) {
	if err := s.check(r, id == ""); err != nil {
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
		fresh := n.ID == 0
		n.VersionID, n.SenderID = v.ID, sender.ID
		s.take(n, r)
		if n.Name == "" {
			n.Name = v.Template.Name
		}
		if fresh {
			added, err := tx.AddNotification(n)
			if err != nil || !added {
				return err
			}
		}
		errs := []error{tx.ForgetRecipients(n.ID), tx.SaveNotification(n)}
		if r.Rows != nil {
			errs = append(errs, tx.SetListRows(n, r.Rows))
		}
		word := "changed"
		if fresh {
			word = "drafted"
		}
		return errors.Join(append(errs, tx.Audit(a, "notification."+word, "notification", n.PublicID, "The notification "+n.Name+" was "+word, nil), tx.Tell("home"))...)
	})
	s.nudge()
	return n, err
}

// row is the notification that a request is about: a new one, or a locked one that can still be changed.
func (s *Service) row(tx *models.Tx, a models.Actor, id string, version int, r Request) (*models.Notification, error) {
	if id == "" {
		return &models.Notification{Token: r.Token, CreatedBy: a.ID, CreatedAt: tx.Now(), UpdatedAt: tx.Now(), BasedOn: r.BasedOn, Version: 1}, nil
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
	n.Version++
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
			bad("contacts", fmt.Sprintf("Choose at most %d contacts by hand: for more use a segment, tags or a list.", MaxPicked))
		}
	case "filter":
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
	now := s.store.Now()
	if r.SendAt != nil && (r.SendAt.Before(now.Add(-24*time.Hour)) || !r.LocalTime && r.SendAt.Before(now.Add(-2*time.Minute)) || r.SendAt.After(now.AddDate(0, 0, 366))) {
		bad("send_at", "Choose a time to come, within a year.")
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
		return models.Invalid("template", e.Message)
	}
	if s.State != "online" {
		return models.Invalid("sender", "This sender is offline.")
	}
	if !role.Can(v.Template.SendRole) {
		return models.Invalid("template", "Only "+string(v.Template.SendRole)+"s may send this template.")
	}
	return err
}

// Start sends a notification whose dry run was made: now, at its time, or once a second person has approved it.
func (s *Service) Start(ctx context.Context, a models.Actor, id string) error {
	rules, err := s.store.NotifyRules(ctx)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.NotificationForUpdate(id)
		switch {
		case err != nil:
			return err
		case n.State == models.NotificationChecking:
			return models.Conflict("The dry run is still under way: wait until it has counted everybody.")
		case n.State != models.NotificationChecked:
			return models.Conflict("It was started already.")
		case n.Allowed == 0:
			return models.Conflict("Nobody may get it: look at the reasons below.")
		}
		if rules.ApproveAbove > 0 && n.Allowed > rules.ApproveAbove && n.ApprovedBy == nil {
			n.State = models.NotificationAwaiting
			return errors.Join(tx.SaveNotification(n), tx.Audit(a, "notification.handed_over", "notification", n.PublicID, "Approval by a second person was asked for", nil),
				tx.Alert(nil, models.Alert{Tone: "warn", Title: n.Name + " waits for approval", Body: fmt.Sprintf("%d people would get it. A second operator or admin has to approve it.", n.Allowed), Href: "/notifications/" + n.PublicID}))
		}
		return s.start(tx, a, n)
	})
	s.nudge()
	return err
}

func (s *Service) start(tx *models.Tx, a models.Actor, n *models.Notification) error {
	n.State = models.NotificationPreparing
	if n.SendAt != nil && !n.LocalTime && n.SendAt.After(tx.Now()) {
		n.State = models.NotificationScheduled
	}
	n.Cursor = 0
	return errors.Join(tx.SaveNotification(n), tx.Audit(a, "notification.sent", "notification", n.PublicID, fmt.Sprintf("%s was started for %d people", n.Name, n.Allowed), nil), tx.Tell("home"))
}

// Approve lets a notification go that needs a second person: another one than who drafted it.
func (s *Service) Approve(ctx context.Context, a models.Actor, id string) error {
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.NotificationForUpdate(id)
		switch {
		case err != nil:
			return err
		case n.State != models.NotificationAwaiting:
			return models.Conflict("It does not wait for approval.")
		case a.ID == nil || n.CreatedBy != nil && *n.CreatedBy == *a.ID:
			return models.Conflict("A second person has to approve it: you drafted it yourself.")
		}
		n.ApprovedBy = a.ID
		return errors.Join(tx.Audit(a, "notification.approved", "notification", n.PublicID, "It was approved by a second person", nil), s.start(tx, a, n))
	})
	s.nudge()
	return err
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

// Resume lets a paused notification go on, if its template may be sent again.
func (s *Service) Resume(ctx context.Context, a models.Actor, id string) error {
	err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.ResumeNotification(a, id) })
	s.nudge()
	return err
}

// nudge lets the runner look at once.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
