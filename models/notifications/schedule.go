package notifications

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// Schedule repeats a notification.
type Schedule struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	PatternID int64  // the notification that is repeated
	Recurrence
	NextAt    *time.Time
	StoppedAt *time.Time
	Problem   string // why the last one was not sent
	Skipped   string // what was not sent because its time had passed, as a sentence
	// ApprovedBy is the second person's approval of everything that it sends, dropped when the pattern is edited
	ApprovedBy *int64
	CreatedBy  *int64
	CreatedAt  time.Time `gorm:"default:now()"`
}

// ScheduleOf is the schedule that repeats a notification, nil if none does.
func (r Reads) ScheduleOf(ctx context.Context, patternID int64) (*Schedule, error) {
	var out []Schedule
	err := r.read(ctx).Where("pattern_id = ? AND stopped_at IS NULL", patternID).Order("id DESC").Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// AddSchedule starts repeating a notification.
func AddSchedule(tx *models.Tx, a models.Actor, n *Notification, s *Schedule) error {
	if err := base.DB(tx).Create(s).Error; err != nil {
		return err
	}
	tx.Publish(n.Topic(), "notifications")
	return models.Audit(
		tx,
		a,
		"notification.repeated",
		models.About("notification", n.PublicID).With(map[string]any{"rhythm": s.Recurrence}),
		n.Name+" is repeated",
	)
}

// StopSchedule stops repeating a notification.
func StopSchedule(tx *models.Tx, a models.Actor, n *Notification) error {
	if err := base.DB(tx).Exec(
		"UPDATE schedules SET stopped_at = ?, next_at = NULL WHERE pattern_id = ? AND stopped_at IS NULL",
		tx.Now(),
		n.ID,
	).Error; err != nil {
		return err
	}
	tx.Publish(n.Topic(), "notifications")
	return models.Audit(
		tx,
		a,
		"notification.not_repeated",
		models.About("notification", n.PublicID),
		n.Name+" is not repeated any more",
	)
}

// ApproveSchedule stores who approved what a schedule sends, nil to drop the approval.
func ApproveSchedule(tx *models.Tx, id int64, by *int64) error {
	return base.DB(tx).Exec("UPDATE schedules SET approved_by = ? WHERE id = ?", by, id).Error
}

// DropApprovalOf drops the approval of the schedule that repeats a notification.
func DropApprovalOf(tx *models.Tx, pattern *Notification) error {
	return base.DB(tx).
		Exec("UPDATE schedules SET approved_by = NULL WHERE pattern_id = ? AND stopped_at IS NULL", pattern.ID).
		Error
}

// DueSchedules are the row ids of all schedules that are due, the longest due first.
func (r Reads) DueSchedules(ctx context.Context) ([]int64, error) {
	var out []int64
	err := r.read(ctx).Raw(`SELECT id FROM schedules WHERE stopped_at IS NULL AND next_at <= ?
		ORDER BY next_at`, r.store.Now()).Scan(&out).Error
	return out, err
}

// TakeSchedule finds and locks a schedule that is due. It is nil if it is due no more, or another instance works on it.
func TakeSchedule(tx *models.Tx, id int64) (*Schedule, error) {
	var out []Schedule
	err := base.DB(tx).Raw(`SELECT * FROM schedules WHERE id = ? AND stopped_at IS NULL AND next_at <= ?
		FOR UPDATE SKIP LOCKED`, id, tx.Now()).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// SaveSchedule stores a schedule.
func SaveSchedule(tx *models.Tx, s *Schedule) error { return base.DB(tx).Save(s).Error }
