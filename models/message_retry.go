package models

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gorm.io/gorm/clause"

	"parley/whatsapp"
)

// mostAttempts is how often a notification's message is tried at most.
const mostAttempts = 8

// requeue puts a message with a validity, a notification's or one of the API, back into the queue whose failure Twilio
// told and that may pass: what WhatsApp did not deliver can be sent again without the person getting it twice. The pause
// grows with each attempt; the validity ends it. Which failures pass: whatsapp.RetryAfter.
func (tx *Tx) requeue(m *Message, code int) (bool, error) {
	if m.NotificationID == nil && m.ValidUntil == nil || m.TwilioSid == nil || m.DeliveredAt != nil {
		return false, nil
	}
	if whatsapp.TooFast(code) {
		if err := tx.Exec(
			"UPDATE senders SET slowed_at = ? WHERE id = ? AND (slowed_at IS NULL OR slowed_at < ?)",
			tx.now,
			m.SenderID,
			tx.now.Add(-time.Second),
		).Error; err != nil {
			return false, err
		}
	}
	pause := whatsapp.RetryAfter(code, m.Attempts)
	if pause == 0 || m.Attempts >= mostAttempts {
		return false, nil
	}
	n, until := Notification{}, m.ValidUntil
	if m.NotificationID != nil {
		if err := tx.Select("id", "state", "valid_until").Take(&n, *m.NotificationID).Error; err != nil {
			return false, err
		}
		if until == nil || n.ValidUntil != nil && n.ValidUntil.Before(*until) {
			until = n.ValidUntil
		}
	}
	at := tx.now.Add(pause/2 + rand.N(pause))
	if n.State == NotificationCanceled || until == nil || at.After(*until) {
		return false, nil
	}
	sid := *m.TwilioSid
	m.TwilioSid, m.Status, m.SendAt, m.ClaimedBy, m.SentAt = nil, whatsapp.Queued, &at, "", nil
	err := tx.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&MessageAttempt{TwilioSid: sid, MessageID: m.ID, ErrorCode: code, FailedAt: tx.now}).
		Error
	if n.State == NotificationFinished {
		err = errors.Join(
			err,
			tx.Model(&Notification{}).
				Where("id = ?", n.ID).
				Updates(map[string]any{"state": NotificationRunning, "finished_at": nil}).
				Error,
		)
	}
	return true, errors.Join(err, tx.Omit("Author", "Media", "Version").Save(m).Error, tx.publishMessage(m))
}

// MessageAttempt is a sid under which a message was sent before.
type MessageAttempt struct {
	TwilioSid string `gorm:"primaryKey"`
	MessageID int64
	ErrorCode int
	FailedAt  time.Time
}

// FinalStatusMissing is a message that Twilio took and has told nothing final about.
type FinalStatusMissing struct {
	ID        int64
	TwilioSid string
}

// MissingFinalStatus are the next ones to ask Twilio about: those that were never asked about on top, each again after as
// long as it has been known, at most six hours, for a week.
func (s *Store) MissingFinalStatus(ctx context.Context, n int) ([]FinalStatusMissing, error) {
	var out []FinalStatusMissing
	now := s.Now()
	err := s.read(ctx).
		Raw(`SELECT id, twilio_sid FROM messages WHERE status IN ('accepted', 'sent') AND sending_at < ? AND sending_at > ? AND twilio_sid IS NOT NULL
		AND (asked_at IS NULL OR asked_at + least(asked_at - sending_at, interval '6 hours') < ?) ORDER BY asked_at NULLS FIRST, sending_at LIMIT ?`, now.Add(-UnknownAfter), now.AddDate(0, 0, -7), now, n).
		Scan(&out).
		Error
	return out, err
}

// Asked notes that Twilio was asked about a message.
func (tx *Tx) Asked(id int64) error {
	return tx.Exec("UPDATE messages SET asked_at = ? WHERE id = ?", tx.now, id).Error
}
