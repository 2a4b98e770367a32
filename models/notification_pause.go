package models

import "errors"

var pauseNotifications = query("notifications_pause")

// PauseNotifications pauses the notifications that run with a version until somebody decides, and returns how many
// there were.
func (tx *Tx) PauseNotifications(a Actor, v *TemplateVersion, reason string) (int, error) {
	var stopped []Notification
	err := tx.Raw(pauseNotifications, map[string]any{"reason": reason, "version": v.ID}).Scan(&stopped).Error
	if err != nil {
		return 0, err
	}
	for _, n := range stopped {
		err := errors.Join(
			tx.Audit(a, "notification.paused", About("notification", n.PublicID), "A notification was paused: "+reason),
			tx.Publish("notifications", "notification-"+n.PublicID),
		)
		if err != nil {
			return 0, err
		}
	}
	return len(stopped), nil
}

// CancelNotification stops the messages that have not left yet, within a second: the statement that claims messages
// reads the state, and marks the queued ones as canceled; also one that fails later and would be tried again.
func (tx *Tx) CancelNotification(a Actor, publicID string) error {
	n, err := tx.NotificationForUpdate(publicID)
	if err != nil || n.State == NotificationCanceled {
		return err
	}
	if n.State == NotificationFinished || n.State == NotificationExpired {
		return Conflict("notification.ended")
	}
	n.State, n.FinishedAt = NotificationCanceled, new(tx.Now())
	if err := tx.SaveNotification(n); err != nil {
		return err
	}
	tx.wakeDispatchers()
	return errors.Join(
		tx.Audit(a, "notification.canceled", About("notification", n.PublicID), "A notification was canceled"),
		tx.Publish("home"),
	)
}

// PauseNotification holds back the messages that have not left yet. reason is why, if no user did it.
func (tx *Tx) PauseNotification(a Actor, n *Notification, reason string) error {
	if n.State != NotificationRunning && n.State != NotificationPreparing {
		return Conflict("notification.not_running")
	}
	n.State, n.PausedReason = NotificationPaused, reason
	summary := "A notification was paused"
	if reason != "" {
		summary += ": " + reason
	}
	return errors.Join(
		tx.SaveNotification(n),
		tx.Audit(a, "notification.paused", About("notification", n.PublicID), summary),
	)
}

// PauseNotificationsOf pauses all running notifications of a sender.
func (tx *Tx) PauseNotificationsOf(s *Sender, reason string) error {
	var list []Notification
	if err := tx.Clauses(forUpdate).
		Where(`sender_id = ? AND (state IN ('running', 'preparing') OR state = 'finished' AND id IN (
			SELECT notification_id FROM messages WHERE sender_id = ? AND status = 'queued'))`, s.ID, s.ID).
		Find(&list).
		Error; err != nil {
		return err
	}
	for i := range list {
		if err := tx.reopen(&list[i]); err != nil {
			return err
		}
		if err := tx.PauseNotification(System("Parley"), &list[i], reason); err != nil {
			return err
		}
	}
	return nil
}
