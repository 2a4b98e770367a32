package models

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/whatsapp"
)

// StatusEvent is one status that Twilio told about a message.
type StatusEvent struct {
	ID           int64
	MessageSid   string
	Status       string
	MessageID    *int64
	ErrorCode    int
	ErrorMessage string
	ReceivedAt   time.Time
}

// StatusEffect is what came of a status callback.
type StatusEffect int

// The effects.
const (
	StatusApplied  StatusEffect = iota
	StatusRepeated              // it was stored before
	StatusLate                  // a later status was there already
	StatusUnknown               // kept until its message is known
	StatusLeft                  // not taken: it needs a transaction of its own
)

// TakeStatus stores a status callback and moves its message on. ref is the public id that our callback
// URL carried, empty if none: it names the message even before its sid is known. A status of an unknown
// message is kept and applied when the sid becomes known.
func (tx *Tx) TakeStatus(e StatusEvent, ref string) (StatusEffect, error) {
	// A callback may come while the answer that names the sid is being stored: take turns.
	if err := tx.lockKey("sid", e.MessageSid); err != nil {
		return 0, err
	}
	res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&e)
	if res.Error != nil || res.RowsAffected == 0 {
		return StatusRepeated, res.Error
	}
	var m Message
	err := tx.Clauses(forUpdate).Where("twilio_sid = ?", e.MessageSid).Take(&m).Error
	if errors.Is(err, gorm.ErrRecordNotFound) && ref != "" {
		// It may be queued again already, because Twilio's list did not show it in time. What Twilio says about an
		// attempt that failed is no news about the one that waits.
		err = tx.Clauses(forUpdate).
			Where(`public_id = ? AND twilio_sid IS NULL AND (status IN ('sending', 'in_doubt') OR status = 'queued' AND attempts > 0)
			AND NOT EXISTS (SELECT 1 FROM message_attempts WHERE twilio_sid = ?)`, ref, e.MessageSid).
			Take(&m).
			Error
		if err == nil {
			err = tx.settleSid(&m, e.MessageSid)
		}
	}
	if errors.Is(err, gorm.ErrRecordNotFound) && ref != "" {
		// The answer to the call may have been stored in this very moment.
		err = tx.Clauses(forUpdate).Where("twilio_sid = ?", e.MessageSid).Take(&m).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return StatusUnknown, nil
	}
	if err != nil {
		return 0, err
	}
	before := m.Status
	if err := tx.applyStatus(&m, e); err != nil || m.Status != before || string(before) == e.Status {
		return StatusApplied, err
	}
	if next, known := whatsapp.StatusFromTwilio(e.Status); known && next != before {
		return StatusLate, nil
	}
	return StatusApplied, nil
}

// applyStatus moves a locked message by one event, if it goes forward.
func (tx *Tx) applyStatus(m *Message, e StatusEvent) error {
	if err := tx.Model(&StatusEvent{}).Where("id = ?", e.ID).Update("message_id", m.ID).Error; err != nil {
		return err
	}
	next, ok := whatsapp.StatusFromTwilio(e.Status)
	if !ok || !m.Status.CanBecome(next) {
		return nil
	}
	if next.Failure() {
		if again, err := tx.requeue(m, e.ErrorCode); err != nil || again {
			return err
		}
	}
	return tx.SetStatus(m, next, e.ErrorCode, e.ErrorMessage, e.ReceivedAt)
}

// SetStatus moves a locked message on, counts a failure on its conversation, and tells the pages.
func (tx *Tx) SetStatus(m *Message, next whatsapp.Status, code int, text string, at time.Time) error {
	m.Status = next
	switch {
	case next == whatsapp.Sent:
		m.SentAt = &at
	case next == whatsapp.Delivered:
		m.DeliveredAt = &at
	case next == whatsapp.Read:
		m.ReadAt = &at
		if m.DeliveredAt == nil {
			m.DeliveredAt = &at
		}
	case next.Failure():
		m.FailedAt, m.ErrorCode, m.ErrorMessage = &at, code, text
	}
	if err := tx.Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	if next.Failure() && next != whatsapp.Canceled {
		var row string
		err := tx.Raw("UPDATE conversations SET failed_count = failed_count + 1 WHERE id = ? RETURNING 'row-' || public_id", m.ConversationID).
			Scan(&row).
			Error
		if err := errors.Join(err, tx.Publish(row, "home")); err != nil {
			return err
		}
	}
	return tx.publishMessage(m)
}

// publishMessage tells the pages of a message's conversation and of its notification.
func (tx *Tx) publishMessage(m *Message) error {
	var topics []string
	err := tx.Raw(`SELECT 'conversation-' || public_id FROM conversations WHERE id = ?
		UNION ALL SELECT 'notification-' || public_id FROM notifications WHERE id = ?`, m.ConversationID, m.NotificationID).Scan(&topics).Error
	return errors.Join(err, tx.Publish(topics...))
}

// settleSid gives a message its sid, which proves that Twilio took it.
func (tx *Tx) settleSid(m *Message, sid string) error {
	m.TwilioSid = &sid
	if m.Status.CanBecome(whatsapp.Accepted) {
		m.Status = whatsapp.Accepted
	}
	m.ErrorCode, m.ErrorMessage = 0, ""
	if err := tx.Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	return tx.publishMessage(m)
}

// SettleAccepted records that Twilio took a message, and applies the statuses that came before.
func (tx *Tx) SettleAccepted(id int64, sid string) error {
	if err := tx.lockKey("sid", sid); err != nil {
		return err
	}
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil {
		return nil // a callback with our reference was faster
	}
	if err := tx.settleSid(&m, sid); err != nil {
		return err
	}
	return tx.applyEvents(&m, sid)
}

// applyEarly applies the statuses that came before a message's sid was known.
func (tx *Tx) applyEarly(id int64, sid string) error {
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	return tx.applyEvents(&m, sid)
}

func (tx *Tx) applyEvents(m *Message, sid string) error {
	var events []StatusEvent
	if err := tx.Where("message_sid = ? AND message_id IS NULL", sid).Order("id").Find(&events).Error; err != nil {
		return err
	}
	for _, e := range events {
		if err := tx.applyStatus(m, e); err != nil {
			return err
		}
		if !whatsapp.OptOutCode(e.ErrorCode) {
			continue
		}
		if _, err := tx.OptOutByTwilio(TwilioOptOut{MessageID: m.ID, Code: e.ErrorCode}); err != nil {
			return err
		}
	}
	return nil
}
