package models

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// Check is what came of trying whether something works; the latest try of each thing is kept.
type Check struct {
	Name        string `gorm:"primaryKey"`
	OK          bool
	Code        int // Twilio's error code, 0 if there is none
	Said        string
	CheckedAt   time.Time
	OKAt        *time.Time `gorm:"column:ok_at"`
	FailedSince *time.Time
}

// The things that are tried.
const (
	CheckTwilio    = "twilio"    // the credentials, and whether Twilio answers
	CheckWebhooks  = "webhooks"  // a signed call to our own public address
	CheckSending   = "sending"   // what the banner says
	CheckReceiving = "receiving" // what the banner says
)

// Checks are the latest tries by name.
func (s *Store) Checks(ctx context.Context) (map[string]Check, error) {
	var rows []Check
	err := s.read(ctx).Find(&rows).Error
	out := make(map[string]Check, len(rows))
	for _, r := range rows {
		out[r.Name] = r
	}
	return out, err
}

// NoteCheck keeps what a try brought, and tells open pages when it changed from good to bad or back.
func (s *Store) NoteCheck(ctx context.Context, c Check) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var old Check
		if err := tx.Clauses(forUpdate).Where("name = ?", c.Name).Limit(1).Find(&old).Error; err != nil {
			return err
		}
		c.CheckedAt, c.OKAt, c.FailedSince = tx.now, old.OKAt, old.FailedSince
		if c.OK {
			c.OKAt, c.FailedSince = &tx.now, nil
		} else if c.FailedSince == nil {
			c.FailedSince = &tx.now
		}
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}).
			Create(&c).
			Error; err != nil {
			return err
		}
		if old.Name == "" || old.OK != c.OK || old.Said != c.Said {
			return tx.Publish("health", "shell")
		}
		return tx.Publish("checks")
	})
}

// Vitals are the numbers behind the health page.
type Vitals struct {
	LastMessageAt *time.Time // webhook of an incoming message
	LastStatusAt  *time.Time
	LastBadAt     *time.Time // a wrong signature
	GoodHour      int64      // deliveries with a right signature in the last hour; more than 40,000 are not counted
	BadHour       int64      // wrong signatures in the last hour; at most one a second is kept
	NotStored     int64      // signed webhooks of the last week that could not be stored and did not come again
	Queued        int64
	OldestDue     *time.Time // of what should have left; notifications have their own pace and are left out
	InDoubt       int64
	Sent, Failed  int64 // in the last hour
	SilentSince   *time.Time
}

// Vitals reads them.
func (s *Store) Vitals(ctx context.Context) (Vitals, error) {
	var v Vitals
	now := s.Now()
	err := s.read(ctx).Raw(`SELECT
		(SELECT max(received_at) FROM webhook_receipts WHERE kind = 'message' AND verdict IN ('accepted', 'repeated')) AS last_message_at,
		(SELECT max(received_at) FROM webhook_receipts WHERE kind = 'status' AND verdict IN ('accepted', 'repeated')) AS last_status_at,
		(SELECT max(received_at) FROM webhook_receipts WHERE verdict = 'bad_signature') AS last_bad_at,
		(SELECT count(*) FROM (SELECT 1 FROM webhook_receipts WHERE verdict <> 'bad_signature' AND received_at > @hour_real LIMIT 40000) x) AS good_hour,
		(SELECT count(*) FROM webhook_receipts WHERE verdict = 'bad_signature' AND received_at > @hour_real) AS bad_hour,
		(SELECT count(*) FROM webhook_receipts f WHERE verdict = 'failed' AND received_at > @week AND NOT EXISTS (SELECT 1 FROM webhook_receipts r
			WHERE r.message_sid = f.message_sid AND r.kind = f.kind AND r.id > f.id AND r.verdict IN ('accepted', 'repeated'))) AS not_stored,
		(SELECT count(*) FROM messages WHERE status = 'queued') AS queued,
		(SELECT min(m.send_at) FROM messages m JOIN senders s ON s.id = m.sender_id WHERE m.status = 'queued' AND m.send_at <= @now AND m.notification_id IS NULL AND s.state = 'online') AS oldest_due,
		(SELECT count(*) FROM messages WHERE status = 'in_doubt') AS in_doubt,
		(SELECT count(*) FROM messages WHERE direction = 'outbound' AND created_at > @hour AND erased_at IS NULL AND status IN ('accepted', 'sent', 'delivered', 'read')) AS sent,
		(SELECT count(*) FROM messages WHERE direction = 'outbound' AND created_at > @hour AND erased_at IS NULL AND status IN ('failed', 'undelivered')) AS failed,
		(SELECT min(sending_at) FROM messages WHERE status = 'accepted' AND sending_at > @day) AS silent_since`,
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
	Reason    string // Parley's own, where there is no code
	N         int64
	Latest    time.Time
	// of the latest one
	ConversationPublicID string
}

// LatestErrors groups the failures of the last day by their code, the latest first.
func (s *Store) LatestErrors(ctx context.Context) ([]ErrorCount, error) {
	var out []ErrorCount
	err := s.read(ctx).Raw(`SELECT x.*, v.public_id AS conversation_public_id FROM (
		SELECT coalesce(error_code, 0) AS error_code, CASE WHEN coalesce(error_code, 0) = 0 THEN error_message ELSE '' END AS reason, count(*) AS n, max(failed_at) AS latest,
			(array_agg(conversation_id ORDER BY failed_at DESC))[1] AS conversation_id
		FROM messages WHERE failed_at > ? AND status IN ('failed', 'undelivered', 'refused') GROUP BY 1, 2) x
		JOIN conversations v ON v.id = x.conversation_id ORDER BY latest DESC LIMIT 20`, s.Now().Add(-24*time.Hour)).Scan(&out).Error
	return out, err
}
