package notifying

import (
	"cmp"
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// part is how many people one transaction checks or puts into the queue.
const part = 1000

// ahead is how many messages of a notification wait in the queue at most. The rest waits in the list of recipients, so
// that a pause touches nothing and memory and queue stay small whatever the audience.
const ahead = 20_000

// Run checks, prepares and feeds notifications until ctx ends. Its whole state is in the database: after a crash, any
// instance continues where the last transaction ended.
func (s *Service) Run(ctx context.Context) {
	for ctx.Err() == nil {
		busy, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("notifications", "error", err)
		}
		if busy {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Round does one step of every notification with work to do, and reports whether any progressed.
func (s *Service) Round(ctx context.Context) (busy bool, err error) {
	ids, err := notifications.Read(s.store).BusyNotifications(ctx)
	if err != nil {
		return false, err
	}
	var errs []error
	for _, id := range ids {
		went, err := s.step(ctx, id)
		errs, busy = append(errs, err), busy || went && err == nil
	}
	return busy, errors.Join(errs...)
}

// work is a notification with the data that its step needs. As much as possible is read before the transaction, so that
// it does not wait for another connection.
type work struct {
	eligibility
	people   []notifications.EligibilityRow // the next part of the audience, while checking or preparing
	waiting  int                            // in the queue, while running
	progress notifications.Progress
}

// step does one part of a notification's work in one transaction, which locks it: one instance at a time works on it.
func (s *Service) step(ctx context.Context, id int64) (went bool, err error) {
	before, err := notifications.Read(s.store).NotificationByRowID(ctx, id)
	if err != nil {
		return false, err
	}
	w := &work{}
	if err := s.read(ctx, before, w); err != nil {
		return false, err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.TakeNotification(tx, id)
		if err != nil || n == nil || n.State != before.State || n.Cursor != before.Cursor || n.Version != before.Version {
			return err // another instance was faster: the next round checks again
		}
		w.n = n
		if w.sender, err = senders.SenderByIDForShare(tx, n.SenderID); err != nil {
			return err
		}
		v, err := templates.VersionByID(tx, n.VersionID)
		if err != nil {
			return err
		}
		if w.group, err = templates.GroupOf(tx, v); err != nil {
			return err
		}
		went, err = s.advance(tx, w)
		return err
	})
	return went, err
}

// advance does the next step of a notification: it ends it, pauses it, or handles its next part.
func (s *Service) advance(tx *models.Tx, w *work) (went bool, err error) {
	n := w.n
	if timeIsOver(n, tx.Now()) {
		return true, s.expire(tx, n)
	}
	sending := n.State == notifications.NotificationPreparing || n.State == notifications.NotificationRunning
	if why := barred(&w.group.Main); why != "" && sending {
		return true, stop(tx, models.System("WhatsApp"), w, why)
	}
	switch n.State {
	case notifications.NotificationScheduled:
		return true, notifications.ReleaseNotification(tx, n)
	case notifications.NotificationChecking, notifications.NotificationPreparing:
		return true, s.evaluate(tx, w)
	case notifications.NotificationRunning:
		return s.feed(tx, w)
	default: // it waits for a person, or has ended
		return false, nil
	}
}

// timeIsOver reports whether it is too late to start a notification. A dry run does not expire, nor does a notification
// that was started or has ended.
func timeIsOver(n *notifications.Notification, now time.Time) bool {
	switch n.State {
	case notifications.NotificationAwaiting:
		return n.Over(now)
	case notifications.NotificationScheduled, notifications.NotificationPreparing:
		return n.Over(now) && n.StartedAt == nil
	default:
		return false
	}
}

// barred is why a version may not be sent any more, empty if it may: WhatsApp may stop it while a notification waits
// for its time.
func barred(v *templates.TemplateVersion) string {
	switch v.State {
	case whatsapp.Paused, whatsapp.Disabled, whatsapp.Rejected:
		return v.Title() + " is " + string(v.State) + " at WhatsApp."
	case whatsapp.Draft, whatsapp.Submitted, whatsapp.Pending, whatsapp.Approved, whatsapp.Ready:
		// WhatsApp has stopped none of these
	}
	if v.Unfillable != "" {
		return v.Title() + " can't be sent. " + v.Unfillable
	}
	if v.EffectiveCategory() == whatsapp.Marketing {
		return v.Title() + " is promotion for WhatsApp."
	}
	return ""
}

// stop pauses a notification automatically and alerts users of the reason.
func stop(tx *models.Tx, a models.Actor, w *work, why string) error {
	if err := notifications.PauseNotification(tx, a, w.n, why); err != nil {
		return err
	}
	return models.AddAlert(
		tx,
		nil,
		models.Alert{
			Tone:  whatsapp.ToneBad,
			Title: cmp.Or(w.n.Name, w.group.Main.Template.Title()) + " was stopped",
			Body:  why,
			Href:  "/notifications/" + w.n.PublicID,
		},
	)
}

// read reads what a step needs before its transaction begins.
func (s *Service) read(ctx context.Context, n *notifications.Notification, w *work) (err error) {
	if w.rules, err = notifications.Read(s.store).NotifyRules(ctx); err != nil {
		return err
	}
	switch n.State {
	case notifications.NotificationChecking, notifications.NotificationPreparing:
		w.people, err = s.audience(ctx, n)
	case notifications.NotificationRunning:
		if w.waiting, err = notifications.Read(s.store).DueAhead(ctx, n); err == nil {
			w.progress, err = notifications.Read(s.store).ProgressOf(ctx, n.ID)
		}
	default: // steps in other states need nothing more
	}
	return err
}
