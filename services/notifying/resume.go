package notifying

import (
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/models/notifications"
)

// NewTime is when a notification whose validity has ended continues, and for how long it is tried from then on.
type NewTime struct {
	SendAt     *time.Time // nil: now
	ValidHours int
}

// Resume continues a paused notification, if its template may be sent. One whose validity has ended needs a new time t,
// nil if none was given: the approval was for another time, so a second person has to approve it again if the rules
// require one. Refusals name resume_at or valid_hours.
func (s *Service) Resume(ctx context.Context, a models.Actor, id string, t *NewTime) error {
	rules, err := notifications.Read(s.store).NotifyRules(ctx)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		if err != nil {
			return err
		}
		if n.State != notifications.NotificationPaused || !n.Over(tx.Now()) {
			return notifications.ResumeNotification(tx, a, n, nil)
		}
		if t == nil {
			return models.Invalid("resume_at", "notification.resume_time_missing")
		}
		if err := checkNewTime(tx, t); err != nil {
			return err
		}
		r := &notifications.Renewal{SendAt: t.SendAt, ValidHours: t.ValidHours}
		unapproved := *n
		unapproved.ApprovedBy = nil
		r.Approve = NeedsApproval(rules, &unapproved)
		if err := notifications.ResumeNotification(tx, a, n, r); err != nil || !r.Approve {
			return err
		}
		return askApproval(tx, n)
	})
	s.nudge()
	return err
}

func checkNewTime(tx *models.Tx, t *NewTime) error {
	var errs []error
	now := tx.Now()
	if t.SendAt != nil && (t.SendAt.Before(now.Add(-2*time.Minute)) || t.SendAt.After(now.AddDate(0, 0, 366))) {
		errs = append(errs, models.Invalid("resume_at", "notification.time_to_come"))
	}
	if t.ValidHours < 1 || t.ValidHours > 720 {
		errs = append(errs, models.Invalid("valid_hours", "notification.hours_range"))
	}
	return errors.Join(errs...)
}
