package models

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"parley/models/internal/base"
)

// Check is the result of a health check; the latest one of each kind is stored.
type Check struct {
	Name        string `gorm:"primaryKey"`
	OK          bool
	Code        int // Twilio's error code, 0 if there is none
	Said        string
	CheckedAt   time.Time
	OKAt        *time.Time `gorm:"column:ok_at"`
	FailedSince *time.Time
}

// What is checked.
const (
	CheckTwilio    = "twilio"    // the credentials, and whether Twilio answers
	CheckWebhooks  = "webhooks"  // a signed call to our own public address
	CheckSending   = "sending"   // what the banner says
	CheckReceiving = "receiving" // what the banner says
)

// Checks are the latest checks by name.
func (r Reads) Checks(ctx context.Context) (map[string]Check, error) {
	var rows []Check
	err := r.read(ctx).Find(&rows).Error
	out := make(map[string]Check, len(rows))
	for _, row := range rows {
		out[row.Name] = row
	}
	return out, err
}

// NoteCheck stores the result of a check, and notifies open pages when it changed from good to bad or back.
func NoteCheck(ctx context.Context, s *Store, c Check) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var old Check
		if err := base.DB(tx).Clauses(base.ForUpdate).Where("name = ?", c.Name).Limit(1).Find(&old).Error; err != nil {
			return err
		}
		c.CheckedAt, c.OKAt, c.FailedSince = tx.Now(), old.OKAt, old.FailedSince
		if c.OK {
			c.OKAt, c.FailedSince = new(tx.Now()), nil
		} else if c.FailedSince == nil {
			c.FailedSince = new(tx.Now())
		}
		if err := base.DB(tx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}).
			Create(&c).
			Error; err != nil {
			return err
		}
		if old.Name == "" || old.OK != c.OK || old.Said != c.Said {
			tx.Publish("health", "shell")
			return nil
		}
		tx.Publish("checks")
		return nil
	})
}

// Vitals are the numbers behind the health page.
type Vitals struct {
	LastMessageAt *time.Time // webhook of an incoming message
	LastStatusAt  *time.Time
	LastBadAt     *time.Time // a wrong signature
	GoodHour      int64      // deliveries with a right signature in the last hour; more than 40,000 are not counted
	BadHour       int64      // wrong signatures in the last hour; at most one a second is kept
	NotStored     int64      // signed webhooks of the last week that could not be stored and were not sent again
	Queued        int64
	OldestDue     *time.Time // of the messages that should have left; notifications are left out, they have their own pace
	InDoubt       int64
	Sent, Failed  int64 // in the last hour
	SilentSince   *time.Time
}

var (
	vitals       = query("vitals")
	latestErrors = query("latest_errors")
)

// Vitals reads them.
func (r Reads) Vitals(ctx context.Context) (Vitals, error) {
	var v Vitals
	now := r.store.Now()
	err := r.read(ctx).Raw(vitals,
		map[string]any{
			"now":       now,
			"hour":      now.Add(-time.Hour),
			"hour_real": time.Now().Add(-time.Hour),
			"day":       now.Add(-24 * time.Hour),
			"week":      now.AddDate(0, 0, -7),
		}).
		Scan(&v).Error
	return v, err
}

// ErrorCount is how often an error code came lately.
type ErrorCount struct {
	ErrorCode int
	Reason    string // Parley's own reason, where there is no code
	N         int64
	Latest    time.Time
	// of the latest one
	ConversationPublicID string
}

// LatestErrors groups the failures of the last day by their code, the latest first.
func (r Reads) LatestErrors(ctx context.Context) ([]ErrorCount, error) {
	var out []ErrorCount
	err := r.read(ctx).Raw(latestErrors, map[string]any{"since": r.store.Now().Add(-24 * time.Hour)}).Scan(&out).Error
	return out, err
}
