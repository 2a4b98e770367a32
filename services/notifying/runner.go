package notifying

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"parley/models"
	"parley/whatsapp"
)

// part is how many people one transaction checks or puts into the queue.
const part = 1000

// ahead is how many messages of a notification wait in the queue at most. The rest waits in the list of recipients, so
// that a pause touches nothing and memory and queue stay small whatever the audience.
const ahead = 20_000

// Run checks, prepares and feeds notifications until ctx ends. Everything that it knows stands in the database: after
// a crash, any instance goes on where the last transaction ended.
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

// Round takes every notification that has something to do one step on, and reports whether any went on.
func (s *Service) Round(ctx context.Context) (busy bool, err error) {
	ids, err := s.store.BusyNotifications(ctx)
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

// work is a notification with what deciding about its people takes. What can be read beforehand is: within the
// transaction no other connection is waited for.
type work struct {
	n        *models.Notification
	sender   *models.Sender
	group    *models.TemplateGroup
	rules    models.NotifyRules
	people   []models.EligibilityRow // the next part of the audience, while checking or preparing
	waiting  int                     // in the queue, while running
	progress models.Progress
}

// step does one part of a notification's work in one transaction, which locks it: one instance at a time works on it.
func (s *Service) step(ctx context.Context, id int64) (went bool, err error) {
	before, err := s.store.NotificationByRowID(ctx, id)
	if err != nil {
		return false, err
	}
	w := &work{}
	if err := s.read(ctx, before, w); err != nil {
		return false, err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.TakeNotification(id)
		if err != nil || n == nil || n.State != before.State || n.Cursor != before.Cursor || n.Version != before.Version {
			return err // somebody else was faster: the next round looks again
		}
		w.n = n
		if w.sender, err = tx.SenderByIDForShare(n.SenderID); err != nil {
			return err
		}
		v, err := tx.VersionByID(n.VersionID)
		if err != nil {
			return err
		}
		if w.group, err = tx.GroupOf(v); err != nil {
			return err
		}
		switch n.State {
		case models.NotificationAwaiting, models.NotificationScheduled, models.NotificationPreparing:
			if n.Over(tx.Now()) && (n.StartedAt == nil || n.State == models.NotificationAwaiting) {
				went = true
				return s.expire(tx, n)
			}
		default: // a dry run is not in a hurry, and what has left or ended does not expire
		}
		if why := barred(v); why != "" && (n.State == models.NotificationPreparing || n.State == models.NotificationRunning) {
			went = true
			return stop(tx, models.System("WhatsApp"), w, why)
		}
		switch n.State {
		case models.NotificationScheduled:
			went = true
			return tx.ReleaseNotification(n)
		case models.NotificationChecking, models.NotificationPreparing:
			went = true
			return s.check1(tx, w)
		case models.NotificationRunning:
			went, err = s.feed(tx, w)
			return err
		default: // it waits for a person, or has ended
			return nil
		}
	})
	return went, err
}

// barred is why nothing may go out with a version any more, empty if it may: WhatsApp decides that while a notification waits
// for its hour, too.
func barred(v *models.TemplateVersion) string {
	switch v.State {
	case whatsapp.Paused, whatsapp.Disabled, whatsapp.Rejected:
		return v.Title() + " is " + string(v.State) + " at WhatsApp."
	case whatsapp.Draft,
		whatsapp.Submitted,
		whatsapp.Pending,
		whatsapp.Approved,
		whatsapp.Ready: // WhatsApp bars none of these
	}
	if v.Unfillable != "" {
		return v.Title() + " can't be sent. " + v.Unfillable
	}
	if v.EffectiveCategory() == "MARKETING" {
		return v.Title() + " is promotion for WhatsApp."
	}
	return ""
}

// stop pauses a notification by itself and tells everybody why.
func stop(tx *models.Tx, a models.Actor, w *work, why string) error {
	return errors.Join(
		tx.PauseNotification(a, w.n, why),
		tx.Alert(
			nil,
			models.Alert{
				Tone:  "bad",
				Title: cmp.Or(w.n.Name, w.group.Main.Template.Title()) + " was stopped",
				Body:  why,
				Href:  "/notifications/" + w.n.PublicID,
			},
		),
	)
}

// read reads what a step needs before its transaction begins.
func (s *Service) read(ctx context.Context, n *models.Notification, w *work) (err error) {
	if w.rules, err = s.store.NotifyRules(ctx); err != nil {
		return err
	}
	switch n.State {
	case models.NotificationChecking, models.NotificationPreparing:
		w.people, err = s.audience(ctx, n)
	case models.NotificationRunning:
		if w.waiting, err = s.store.DueAhead(ctx, n); err == nil {
			w.progress, err = s.store.ProgressOf(ctx, n.ID)
		}
	default: // a step of the others reads nothing more
	}
	return err
}

// check1 looks at the next part of the audience. While checking, that is the dry run; while preparing, the same is done
// again at the moment of sending, because people opt out and segments change.
func (s *Service) check1(tx *models.Tx, w *work) error {
	n := w.n
	if n.Cursor == 0 {
		n.Excluded, n.Allowed = map[whatsapp.Exclusion]int{}, 0
		if err := tx.ForgetRecipients(n.ID); err != nil {
			return err
		}
	}
	list := w.people
	if len(list) == 0 {
		return s.checked(tx, w)
	}
	if err := tx.LoadEligibility(n, w.group.Main.Template.TopicID, list); err != nil {
		return err
	}
	out := make([]models.Evaluated, len(list))
	for i, c := range list {
		j := models.Evaluated{
			Line:     c.Line,
			Address:  c.Address,
			Columns:  c.Columns,
			Excluded: exclusionOf(n, w.sender, w.group, w.rules, c, tx.Now()),
		}
		if c.Contact != nil {
			j.Contact = &c.Contact.ID
		}
		if j.Excluded == "" {
			n.Allowed++
		} else {
			n.Excluded[j.Excluded]++
		}
		out[i] = j
	}
	n.Cursor = list[len(list)-1].At
	return errors.Join(tx.AddRecipients(n, out), tx.SaveNotification(n))
}

// audience is the next part of it, after the cursor.
func (s *Service) audience(ctx context.Context, n *models.Notification) ([]models.EligibilityRow, error) {
	var out []models.EligibilityRow
	of := func(contacts []models.Contact, err error) ([]models.EligibilityRow, error) {
		for i := range contacts {
			out = append(out, models.EligibilityRow{At: contacts[i].ID, Contact: &contacts[i]})
		}
		return out, err
	}
	switch n.Audience.Kind {
	case "contacts":
		return of(s.store.PickedPart(ctx, n.Audience.Contacts, n.Cursor, part))
	case "filter":
		return of(s.store.FilterPart(ctx, n.Audience.Matching(), n.Cursor, part))
	}
	rows, err := s.store.ListPart(ctx, n.ID, n.Cursor, part)
	if err != nil {
		return nil, err
	}
	matches := make([]string, len(rows))
	for i, r := range rows {
		matches[i] = matchOf(r.Address, n.Audience.Country)
	}
	found, err := s.store.ContactsAtMatches(ctx, matches)
	for i, r := range rows {
		c := models.EligibilityRow{
			At:      int64(r.N),
			Line:    r.N,
			Address: whatsapp.Plain(r.Address, 100),
			Columns: r.Columns,
			Invalid: matches[i] == "",
		}
		if !c.Invalid {
			c.Contact = found[matches[i]]
		}
		out = append(out, c)
	}
	return out, err
}

// checked ends a dry run, or lets the sending begin: unless more people would get it now than one person may decide
// about. Every way out comes through here, so the rule holds for all of them.
func (s *Service) checked(tx *models.Tx, w *work) error {
	n, now := w.n, tx.Now()
	n.CheckedAt, n.Cursor = &now, 0
	if n.State == models.NotificationChecking {
		n.State = models.NotificationChecked
		return tx.SaveNotification(n)
	}
	if NeedsApproval(w.rules, n) {
		return askApproval(tx, n)
	}
	n.State, n.StartedAt = models.NotificationRunning, &now
	if n.ValidUntil == nil {
		until := n.End(now)
		n.ValidUntil = &until
	}
	return tx.SaveNotification(n)
}

// feed puts the next part of the recipients into the queue while there is room, and ends the notification when
// everything has left.
func (s *Service) feed(tx *models.Tx, w *work) (bool, error) {
	n := w.n
	limit := ahead
	if n.Speed > 0 {
		limit = max(20, int(n.Speed*10))
	}
	waiting, progress := w.waiting, w.progress
	if why := s.stops(n, progress); why != "" {
		return true, stop(tx, models.System("Parley"), w, why)
	}
	if waiting >= limit {
		return false, nil
	}
	list, err := tx.LeftRecipients(n, min(part, limit-waiting))
	if err != nil {
		return false, err
	}
	if len(list) > 0 && n.Over(tx.Now()) {
		return true, errors.Join(tx.ExpireRecipients(n), tx.SaveNotification(n))
	}
	if len(list) == 0 {
		if progress.Waiting() > 0 {
			return false, nil
		}
		return true, s.finish(tx, w)
	}
	return true, s.queue(tx, w, list)
}

func (s *Service) queue(tx *models.Tx, w *work, list []models.EligibilityRow) error {
	n := w.n
	if err := tx.LoadEligibility(n, w.group.Main.Template.TopicID, list); err != nil {
		return err
	}
	var out []models.Queued
	left := map[int64]whatsapp.Exclusion{}
	for _, c := range list {
		if why := exclusionOf(n, w.sender, w.group, w.rules, c, tx.Now()); why != "" {
			left[c.RecipientID] = why
			continue
		}
		q := message(n, w.group, c, tx.Now())
		if n.LocalTime && n.SendAt != nil {
			until := validUntil(n, c.Contact, tx.Now())
			q.ValidUntil = &until
		}
		if n.Speed > 0 { // a slower pace is a later time for each
			wait := time.Duration(float64(w.waiting+len(out)) / n.Speed * float64(time.Second))
			if paced := tx.Now().Add(wait); paced.After(q.SendAt) {
				q.SendAt = paced
			}
		}
		out = append(out, q)
	}
	n.Cursor = list[len(list)-1].At
	return errors.Join(tx.QueueRecipients(n, out), tx.LeaveOut(n, left), tx.SaveNotification(n))
}

// fewFailures is how many may fail before the share of failures says anything.
const fewFailures = 20

// stops says why a notification has to stop by itself, empty if it need not.
func (s *Service) stops(n *models.Notification, p models.Progress) string {
	if p.Failed >= fewFailures && p.Failed*100 >= n.StopPercent*p.Settled {
		return fmt.Sprintf(
			"%d of %d failed, which is more than %d %%. Look at the reasons before you go on.",
			p.Failed,
			p.Settled,
			n.StopPercent,
		)
	}
	return ""
}
