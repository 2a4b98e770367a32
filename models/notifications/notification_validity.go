package notifications

import (
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// lastClock is how far the westernmost time zone is behind UTC: Baker Island's.
const lastClock = 12 * time.Hour

// End is when a notification's validity ends. It counts from the scheduled time, else from from, the moment of the
// start. By local time it is the end for the last contact.
func (n *Notification) End(from time.Time) time.Time {
	if n.SendAt != nil {
		from = *n.SendAt
		if n.LocalTime {
			from = from.Add(lastClock)
		}
	}
	return from.Add(time.Duration(n.ValidHours) * time.Hour)
}

// Over reports whether the validity of a scheduled or started notification has ended.
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
func ExpireRecipients(tx *models.Tx, n *Notification) error {
	res := base.DB(tx).Exec(`UPDATE notification_recipients SET excluded = ?
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

// ResumeNotification resumes a locked, paused notification. Its template must be allowed to be sent. If its validity
// has ended, it needs a new time, r.
func ResumeNotification(tx *models.Tx, a models.Actor, n *Notification, r *Renewal) error {
	if n.State != NotificationPaused {
		return models.Conflict("notification.not_paused")
	}
	if err := mayResume(tx, n); err != nil {
		return err
	}
	said := map[string]any{}
	n.PausedReason = ""
	if r != nil {
		said["valid_until"] = n.ValidUntil
		if err := renew(tx, a, n, r); err != nil {
			return err
		}
		said["new_valid_until"] = n.ValidUntil
	}
	resume(tx, n)
	if r != nil && r.Approve {
		n.ApprovedBy, n.State = nil, NotificationAwaiting
	}
	base.WakeDispatchers(tx)
	if err := SaveNotification(tx, n); err != nil {
		return err
	}
	tx.Publish("home")
	return models.Audit(
		tx,
		a,
		"notification.resumed",
		models.About("notification", n.PublicID).With(said),
		"A notification was resumed",
	)
}

// resume sets the state in which a notification continues: scheduled, if its time is still to come; running, if it was
// started before; else preparing, from the beginning.
func resume(tx *models.Tx, n *Notification) {
	switch {
	case n.SendAt != nil && !n.LocalTime && n.SendAt.After(tx.Now()):
		n.State = NotificationScheduled
	case n.StartedAt != nil:
		n.State = NotificationRunning
	default: // it was paused before the whole audience was evaluated
		n.State, n.Cursor = NotificationPreparing, 0
	}
}

// ReleaseNotification continues a locked notification that was approved after part of it had been sent.
func ReleaseNotification(tx *models.Tx, n *Notification) error {
	resume(tx, n)
	base.WakeDispatchers(tx)
	tx.Publish("home")
	return SaveNotification(tx, n)
}

// renew gives a notification a new time, which also applies to its queued messages.
func renew(tx *models.Tx, a models.Actor, n *Notification, r *Renewal) error {
	n.SendAt, n.LocalTime, n.ValidHours = r.SendAt, false, r.ValidHours
	until := n.End(tx.Now())
	n.ValidUntil = &until
	if err := NoteEditor(tx, n, a, EditorEdited); err != nil {
		return err
	}
	return conversations.MoveValidity(tx, n.ID, until)
}

var badTemplates = query("notification_templates_bad")

func mayResume(tx *models.Tx, n *Notification) error {
	var bad []string
	err := base.DB(tx).Raw(badTemplates, map[string]any{"version": n.VersionID, "notification": n.ID}).Scan(&bad).Error
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return models.Conflict("notification.cannot_resume", "Template", bad[0])
	}
	return nil
}
