package models

import (
	"errors"
	"time"

	"parley/whatsapp"
)

// lastClock is how far the last clock on earth is behind UTC: Baker Island's.
const lastClock = 12 * time.Hour

// End is when a notification's validity ends. It counts from the hour that was asked for: the planned one, else from,
// the moment of starting. By each contact's own clock it is the end for the last of them.
func (n *Notification) End(from time.Time) time.Time {
	if n.SendAt != nil {
		from = *n.SendAt
		if n.LocalTime {
			from = from.Add(lastClock)
		}
	}
	return from.Add(time.Duration(n.ValidHours) * time.Hour)
}

// Over reports whether the validity of a notification that was planned or started has ended.
func (n *Notification) Over(now time.Time) bool {
	switch {
	case n.ValidUntil != nil:
		return !now.Before(*n.ValidUntil)
	case n.SendAt != nil && n.ValidHours > 0:
		return !now.Before(n.End(now))
	}
	return false
}

// ExpireRecipients leaves out everybody who is not in the queue yet, because the validity has ended.
func (tx *Tx) ExpireRecipients(n *Notification) error {
	res := tx.Exec(`UPDATE notification_recipients SET excluded = ?
		WHERE notification_id = ? AND message_id IS NULL AND excluded = ''`, whatsapp.ExcludedExpired, n.ID)
	if k := int(res.RowsAffected); k > 0 {
		if n.Excluded == nil {
			n.Excluded = map[whatsapp.Exclusion]int{}
		}
		n.Excluded[whatsapp.ExcludedExpired] += k
		n.Allowed = max(0, n.Allowed-k)
	}
	return res.Error
}

// Renewal is a new time for a paused notification whose validity has ended.
type Renewal struct {
	SendAt     *time.Time // nil: now
	ValidHours int        // from then on
	Approve    bool       // a second person has to approve it again
}

// ResumeNotification lets a locked, paused notification go on. Its template must be one that may be sent, and its
// validity must not have ended: then it takes a new time, r.
func (tx *Tx) ResumeNotification(a Actor, n *Notification, r *Renewal) error {
	if n.State != NotificationPaused {
		return Conflict("notification.not_paused")
	}
	if err := tx.mayResume(n); err != nil {
		return err
	}
	said := map[string]any{}
	n.PausedReason = ""
	if r != nil {
		said["valid_until"] = n.ValidUntil
		if err := tx.renew(a, n, r); err != nil {
			return err
		}
		said["new_valid_until"] = n.ValidUntil
	}
	tx.resume(n)
	if r != nil && r.Approve {
		n.ApprovedBy, n.State = nil, NotificationAwaiting
	}
	tx.wakeDispatchers()
	return errors.Join(tx.SaveNotification(n), tx.Publish("home"),
		tx.Audit(a, "notification.resumed", About("notification", n.PublicID).With(said), "A notification was resumed"))
}

// resume gives a notification the state in which it goes on: at its time, where everybody was looked at before, or from
// the beginning.
func (tx *Tx) resume(n *Notification) {
	switch {
	case n.SendAt != nil && !n.LocalTime && n.SendAt.After(tx.now):
		n.State = NotificationScheduled
	case n.StartedAt != nil:
		n.State = NotificationRunning
	default: // it was stopped before everybody was looked at
		n.State, n.Cursor = NotificationPreparing, 0
	}
}

// ReleaseNotification lets a locked notification go that somebody approved after part of it had left.
func (tx *Tx) ReleaseNotification(n *Notification) error {
	tx.resume(n)
	tx.wakeDispatchers()
	return errors.Join(tx.SaveNotification(n), tx.Publish("home"))
}

// renew gives a notification another time; what waits in the queue goes by it, too.
func (tx *Tx) renew(a Actor, n *Notification, r *Renewal) error {
	n.SendAt, n.LocalTime, n.ValidHours = r.SendAt, false, r.ValidHours
	until := n.End(tx.now)
	n.ValidUntil = &until
	return errors.Join(tx.NoteEditor(n, a, EditorEdited),
		tx.Exec(`UPDATE messages SET valid_until = NULL
			WHERE notification_id = ? AND status = 'queued' AND valid_until IS NOT NULL`, n.ID).Error)
}

var badTemplates = query("notification_templates_bad")

func (tx *Tx) mayResume(n *Notification) error {
	var bad []string
	err := tx.Raw(badTemplates, map[string]any{"version": n.VersionID, "notification": n.ID}).Scan(&bad).Error
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return Conflict("notification.cannot_resume", "Template", bad[0])
	}
	return nil
}
