package notifying

import (
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

// checkTime refuses a time that a new or a changed notification can't be scheduled for.
func (s *Service) checkTime(r Request) error {
	now := s.store.Now()
	if r.SendAt == nil {
		return nil
	}
	earliest := now.Add(-2 * time.Minute)
	if r.LocalTime { // the same local time comes later in other time zones
		earliest = now.Add(-24 * time.Hour)
	}
	if r.SendAt.Before(earliest) || r.SendAt.After(now.AddDate(0, 0, 366)) {
		return models.Invalid("send_at", "notification.time_to_come")
	}
	return nil
}

// validUntil is until when a contact's message may be sent: ValidHours from the requested time, in the contact's time
// zone if the notification says so. One that was not started yet is treated as if it were started now.
func validUntil(n *notifications.Notification, c *people.Contact, now time.Time) time.Time {
	switch {
	case n.SendAt != nil && n.LocalTime:
		return wanted(n, c, now).Add(time.Duration(n.ValidHours) * time.Hour)
	case n.ValidUntil != nil:
		return *n.ValidUntil
	}
	return n.End(now)
}

// late reports whether a contact's message can't be sent within the notification's validity: it is found too late, or
// the contact's quiet hours last longer. Without a validity it is never late.
func late(n *notifications.Notification, v *templates.TemplateVersion, c *people.Contact, now time.Time) bool {
	return n.ValidHours > 0 && !sendAt(n, v, c, now).Before(validUntil(n, c, now))
}

// expire ends a notification whose validity ended before it could be sent, and alerts its author.
func (s *Service) expire(tx *models.Tx, n *notifications.Notification) error {
	if err := notifications.ExpireRecipients(tx, n); err != nil {
		return err
	}
	now := tx.Now()
	n.State, n.FinishedAt = notifications.NotificationExpired, &now
	const why = "its time ended before it could be sent"
	alert := models.Alert{Tone: whatsapp.ToneBad, Title: n.Name + " was not sent", Body: "Expired: " + why + "."}
	said := models.Audit(
		tx,
		models.System("Parley"),
		"notification.expired",
		models.About("notification", n.PublicID),
		n.Name+" expired: "+why,
	)
	if err := notifications.SaveNotification(tx, n); err != nil {
		return err
	}
	if err := tellAuthor(tx, n, alert); err != nil {
		return err
	}
	tx.Publish("home")
	return said
}

// tellAuthor alerts the author of a notification, or everybody who may send if it has none.
func tellAuthor(tx *models.Tx, n *notifications.Notification, a models.Alert) error {
	a.Href = "/notifications/" + n.PublicID
	var to []int64
	if n.CreatedBy != nil {
		to = []int64{*n.CreatedBy}
	}
	return models.AddAlert(tx, to, a)
}
