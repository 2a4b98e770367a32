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

// requeue puts a message back into the queue after Twilio reported a temporary failure (whatsapp.RetryAfter), if it has
// a validity: a notification's message or one of the API. WhatsApp did not deliver it, so the person doesn't get it
// twice. The pause grows with each attempt; when the validity ends, it is not tried again.
func (tx *Tx) requeue(m *Message, code int) (bool, error) {
	if m.NotificationID == nil && m.ValidUntil == nil || m.TwilioSid == nil || m.DeliveredAt != nil {
		return false, nil
	}
	if whatsapp.TooFast(code) {
		if err := tx.slowDown(m.SenderID); err != nil {
			return false, err
		}
	}
	pause := whatsapp.RetryAfter(code, m.Attempts)
	if pause == 0 || m.Attempts >= mostAttempts {
		return false, nil
	}
	n, err := tx.notificationOf(m)
	if err != nil {
		return false, err
	}
	at := tx.now.Add(pause/2 + rand.N(pause))
	if until := endOf(m, n); n.State == NotificationCanceled || until == nil || at.After(*until) {
		return false, nil
	}
	failed := MessageAttempt{
		TwilioSid: *m.TwilioSid,
		MessageID: m.ID,
		ErrorCode: code,
		FailedAt:  tx.now,
	}
	return true, tx.sendAgain(m, n, failed, at)
}

// slowDown notes that WhatsApp reported a sender as too fast, at most once a second.
func (tx *Tx) slowDown(senderID int64) error {
	return tx.Exec("UPDATE senders SET slowed_at = ? WHERE id = ? AND (slowed_at IS NULL OR slowed_at < ?)",
		tx.now, senderID, tx.now.Add(-time.Second)).Error
}

// notificationOf reads the state and the validity of a message's notification, an empty one if it has none.
func (tx *Tx) notificationOf(m *Message) (*Notification, error) {
	var n Notification
	if m.NotificationID == nil {
		return &n, nil
	}
	return &n, tx.Select("id", "state", "valid_until").Take(&n, *m.NotificationID).Error
}

// endOf is when a message's validity ends: its own or its notification's, whichever is first; nil if it has none.
func endOf(m *Message, n *Notification) *time.Time {
	if m.ValidUntil == nil || n.ValidUntil != nil && n.ValidUntil.Before(*m.ValidUntil) {
		return n.ValidUntil
	}
	return m.ValidUntil
}

// sendAgain puts a message whose attempt failed back into the queue, and restarts its notification.
func (tx *Tx) sendAgain(m *Message, n *Notification, failed MessageAttempt, at time.Time) error {
	m.TwilioSid, m.Status, m.SendAt, m.ClaimedBy, m.SentAt = nil, whatsapp.Queued, &at, "", nil
	err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&failed).Error
	if n.State == NotificationFinished {
		err = errors.Join(err, tx.Model(&Notification{}).Where("id = ?", n.ID).
			Updates(map[string]any{"state": NotificationRunning, "finished_at": nil}).Error)
	}
	return errors.Join(err, tx.Omit("Author", "Media", "Version").Save(m).Error, tx.publishMessage(m))
}

// MessageAttempt is a sid under which a message was sent before.
type MessageAttempt struct {
	TwilioSid string `gorm:"primaryKey"`
	MessageID int64
	ErrorCode int
	FailedAt  time.Time
}

// FinalStatusMissing is a message that Twilio accepted and has reported no final status for.
type FinalStatusMissing struct {
	ID        int64
	TwilioSid string
}

var finalStatusMissing = query("message_final_missing")

// MissingFinalStatus are the next messages to ask Twilio about, for a week: those that were never asked about first,
// the others again after as long as their age, at most six hours.
func (s *Store) MissingFinalStatus(ctx context.Context, n int) ([]FinalStatusMissing, error) {
	var out []FinalStatusMissing
	now := s.Now()
	err := s.read(ctx).Raw(finalStatusMissing, map[string]any{
		"latest": now.Add(-UnknownAfter),
		"oldest": now.AddDate(0, 0, -7),
		"now":    now,
		"n":      n,
	}).Scan(&out).Error
	return out, err
}

// Asked notes that Twilio was asked about a message.
func (tx *Tx) Asked(id int64) error {
	return tx.Exec("UPDATE messages SET asked_at = ? WHERE id = ?", tx.now, id).Error
}

// UnknownAfter is how long an accepted message may stay without a final status before Twilio is asked about it.
const UnknownAfter = 5 * time.Minute
