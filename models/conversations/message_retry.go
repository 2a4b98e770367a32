package conversations

import (
	"context"
	"math/rand/v2"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/senders"
	"parley/whatsapp"
)

// mostAttempts is how often a notification's message is tried at most.
const mostAttempts = 8

// requeue puts a message back into the queue after Twilio reported a temporary failure (whatsapp.RetryAfter), if it has
// a validity: a notification's message or one of the API. WhatsApp did not deliver it, so the person doesn't get it
// twice. The pause grows with each attempt; when the validity ends, it is not tried again.
func requeue(tx *models.Tx, m *Message, code int) (bool, error) {
	if m.ValidUntil == nil || m.TwilioSid == nil || m.DeliveredAt != nil {
		return false, nil
	}
	if whatsapp.TooFast(code) {
		if err := senders.SlowDown(tx, m.SenderID); err != nil {
			return false, err
		}
	}
	pause := whatsapp.RetryAfter(code, m.Attempts)
	if pause == 0 || m.Attempts >= mostAttempts {
		return false, nil
	}
	at := tx.Now().Add(pause/2 + rand.N(pause))
	if at.After(*m.ValidUntil) {
		return false, nil
	}
	failed := MessageAttempt{
		TwilioSid: *m.TwilioSid,
		MessageID: m.ID,
		ErrorCode: code,
		FailedAt:  tx.Now(),
	}
	return true, sendAgain(tx, m, failed, at)
}

// sendAgain puts a message whose attempt failed back into the queue.
func sendAgain(tx *models.Tx, m *Message, failed MessageAttempt, at time.Time) error {
	m.TwilioSid, m.Status, m.SendAt, m.ClaimedBy, m.SentAt = nil, whatsapp.Queued, &at, "", nil
	if err := base.DB(tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&failed).Error; err != nil {
		return err
	}
	if err := base.DB(tx).Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	return PublishMessage(tx, m)
}

// MoveValidity gives the messages of a notification that may still be sent, or tried again, a new end of validity.
func MoveValidity(tx *models.Tx, notificationID int64, until time.Time) error {
	return base.DB(tx).Exec(`UPDATE messages SET valid_until = ? WHERE notification_id = ? AND delivered_at IS NULL
		AND status IN ('queued', 'sending', 'in_doubt', 'accepted', 'sent')`, until, notificationID).Error
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
func (r Reads) MissingFinalStatus(ctx context.Context, n int) ([]FinalStatusMissing, error) {
	var out []FinalStatusMissing
	now := r.store.Now()
	err := r.read(ctx).Raw(finalStatusMissing, map[string]any{
		"latest": now.Add(-UnknownAfter),
		"oldest": now.AddDate(0, 0, -7),
		"now":    now,
		"n":      n,
	}).Scan(&out).Error
	return out, err
}

// Asked notes that Twilio was asked about a message.
func Asked(tx *models.Tx, id int64) error {
	return base.DB(tx).Exec("UPDATE messages SET asked_at = ? WHERE id = ?", tx.Now(), id).Error
}

// UnknownAfter is how long an accepted message may stay without a final status before Twilio is asked about it.
const UnknownAfter = 5 * time.Minute
