package models

import (
	"context"
	"time"

	"parley/models/internal/base"
	"parley/whatsapp"
)

// Alert is something that a user has to know; alerts are listed behind the bell.
type Alert struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	UserID    int64
	Tone      whatsapp.Tone
	Title     string
	Body      string
	Href      string
	CreatedAt time.Time
	SeenAt    *time.Time
}

// AddAlert adds an alert for some users, or for all operators and admins if none is given. A user gets it once, and a
// disabled user not at all.
func AddAlert(tx *Tx, users []int64, e Alert) error {
	var told []string
	q := `INSERT INTO alerts (user_id, tone, title, body, href, created_at) SELECT u.id, ?, ?, ?, ?, ? FROM users u
		WHERE u.disabled_at IS NULL AND `
	args := []any{e.Tone, e.Title, e.Body, e.Href, tx.Now()}
	if len(users) > 0 {
		q += "u.id IN ?"
		args = append(args, users)
	} else {
		q += "u.role IN ('operator', 'admin')"
	}
	if err := base.DB(tx).Raw(q+" RETURNING (SELECT 'alerts-' || public_id FROM users WHERE id = user_id)", args...).
		Scan(&told).
		Error; err != nil {
		return err
	}
	tx.Publish(told...)
	return nil
}

// Alerts are a user's latest n, newest first.
func (r Reads) Alerts(ctx context.Context, userID int64, n int) ([]Alert, error) {
	var out []Alert
	err := r.read(ctx).Where("user_id = ?", userID).Order("id DESC").Limit(n).Find(&out).Error
	return out, err
}

// UnseenAlerts counts the alerts that a user has not seen and returns the newest of them, nil if there are none.
func (r Reads) UnseenAlerts(ctx context.Context, userID int64) (int, *Alert, error) {
	var out []Alert
	err := r.read(ctx).Where("user_id = ? AND seen_at IS NULL", userID).Order("id DESC").Limit(100).Find(&out).Error
	if err != nil || len(out) == 0 {
		return 0, nil, err
	}
	return len(out), &out[0], nil
}

// SeeAlerts marks all of a user's alerts as seen.
func SeeAlerts(ctx context.Context, s *Store, userID int64) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var topics []string
		err := base.DB(tx).
			Raw(`WITH seen AS (UPDATE alerts SET seen_at = ? WHERE user_id = ? AND seen_at IS NULL RETURNING user_id)
			SELECT DISTINCT 'alerts-' || u.public_id FROM users u JOIN seen ON seen.user_id = u.id`, tx.Now(), userID).
			Scan(&topics).
			Error
		if err != nil {
			return err
		}
		tx.Publish(topics...)
		return nil
	})
}
