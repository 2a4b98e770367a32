package notifications

import (
	"parley/models"
	"parley/models/internal/base"
	"parley/models/senders"
	"parley/models/templates"
)

var pauseNotifications = query("notifications_pause")

// PauseNotifications pauses the notifications that run with a version until somebody decides, and returns how many
// there were.
func PauseNotifications(tx *models.Tx, a models.Actor, v *templates.TemplateVersion, reason string) (int, error) {
	var stopped []Notification
	err := base.DB(tx).Raw(pauseNotifications, map[string]any{"reason": reason, "version": v.ID}).Scan(&stopped).Error
	if err != nil {
		return 0, err
	}
	for _, n := range stopped {
		if err := models.Audit(
			tx,
			a,
			"notification.paused",
			models.About("notification", n.PublicID),
			"A notification was paused: "+reason,
		); err != nil {
			return 0, err
		}
		tx.Publish("notifications", "notification-"+n.PublicID)
	}
	return len(stopped), nil
}

// CancelNotification stops the messages that have not left yet, within a second: the statement that claims messages
// reads the state, and marks the queued ones as canceled; also one that fails later and would be tried again.
func CancelNotification(tx *models.Tx, a models.Actor, publicID string) error {
	n, err := NotificationForUpdate(tx, publicID)
	if err != nil || n.State == NotificationCanceled {
		return err
	}
	if n.State == NotificationFinished || n.State == NotificationExpired {
		return models.Conflict("notification.ended")
	}
	n.State, n.FinishedAt = NotificationCanceled, new(tx.Now())
	if err := SaveNotification(tx, n); err != nil {
		return err
	}
	base.WakeDispatchers(tx)
	tx.Publish("home")
	return models.Audit(
		tx,
		a,
		"notification.canceled",
		models.About("notification", n.PublicID),
		"A notification was canceled",
	)
}

// PauseNotification holds back the messages that have not left yet. reason is why, if no user did it.
func PauseNotification(tx *models.Tx, a models.Actor, n *Notification, reason string) error {
	if n.State != NotificationRunning && n.State != NotificationPreparing {
		return models.Conflict("notification.not_running")
	}
	n.State, n.PausedReason = NotificationPaused, reason
	summary := "A notification was paused"
	if reason != "" {
		summary += ": " + reason
	}
	if err := SaveNotification(tx, n); err != nil {
		return err
	}
	return models.Audit(tx, a, "notification.paused", models.About("notification", n.PublicID), summary)
}

// PauseNotificationsOf pauses all running notifications of a sender.
func PauseNotificationsOf(tx *models.Tx, s *senders.Sender, reason string) error {
	var list []Notification
	if err := base.DB(tx).Clauses(base.ForUpdate).
		Where(`sender_id = ? AND (state IN ('running', 'preparing') OR state = 'finished' AND id IN (
			SELECT notification_id FROM messages WHERE sender_id = ? AND status = 'queued'))`, s.ID, s.ID).
		Find(&list).
		Error; err != nil {
		return err
	}
	for i := range list {
		if err := reopen(tx, &list[i]); err != nil {
			return err
		}
		if err := PauseNotification(tx, models.System("Parley"), &list[i], reason); err != nil {
			return err
		}
	}
	return nil
}
