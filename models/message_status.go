package models

import (
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"parley/whatsapp"
)

// StatusEvent is one status that Twilio reported for a message.
type StatusEvent struct {
	ID           int64
	MessageSid   string
	Status       string
	MessageID    *int64
	ErrorCode    int
	ErrorMessage string
	ReceivedAt   time.Time
}

// StatusEffect is what a status callback changed.
type StatusEffect int

// The effects.
const (
	StatusApplied  StatusEffect = iota
	StatusRepeated              // it was stored before
	StatusLate                  // a later status was stored already
	StatusUnknown               // stored until its message is known
	StatusLeft                  // not handled: it needs a transaction of its own
)

// TakeStatus stores a status callback and moves its message on. ref is the public id that our callback URL carried,
// empty if none: it names the message even before its sid is known. A status of an unknown message is stored and
// applied when the sid becomes known.
func (tx *Tx) TakeStatus(e StatusEvent, ref string) (StatusEffect, error) {
	// A callback may come while the answer with the sid is being stored: the two run one after another.
	if err := tx.lockKey("sid", e.MessageSid); err != nil {
		return 0, err
	}
	res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&e)
	if res.Error != nil || res.RowsAffected == 0 {
		return StatusRepeated, res.Error
	}
	m, err := tx.messageOfStatus(e.MessageSid, ref)
	if err != nil {
		return 0, err
	}
	if m == nil {
		return StatusUnknown, nil
	}
	before := m.Status
	if err := tx.applyStatus(m, e); err != nil || m.Status != before || string(before) == e.Status {
		return StatusApplied, err
	}
	if next, known := whatsapp.StatusFromTwilio(e.Status); known && next != before {
		return StatusLate, nil
	}
	return StatusApplied, nil
}

// messageOfStatus finds and locks the message that a status is about, by its sid or by the public id that our callback
// URL carried; nil if it is not known yet.
func (tx *Tx) messageOfStatus(sid, ref string) (*Message, error) {
	m, err := tx.messageBySid(sid)
	if m != nil || err != nil || ref == "" {
		return m, err
	}
	// It may be in the queue again already, because Twilio's list did not show it in time. A status of the failed attempt
	// says nothing about the one that waits.
	var named []Message
	err = tx.Clauses(forUpdate).
		Where("public_id = ? AND twilio_sid IS NULL", ref).
		Where("(status IN ('sending', 'in_doubt') OR status = 'queued' AND attempts > 0)").
		Where("NOT EXISTS (SELECT 1 FROM message_attempts WHERE twilio_sid = ?)", sid).
		Limit(1).
		Find(&named).
		Error
	if err != nil {
		return nil, err
	}
	if len(named) == 1 {
		return &named[0], tx.settleSid(&named[0], sid)
	}
	// The answer to the call may just have been stored.
	return tx.messageBySid(sid)
}

// messageBySid finds and locks a message, nil if there is none.
func (tx *Tx) messageBySid(sid string) (*Message, error) {
	var out []Message
	err := tx.Clauses(forUpdate).Where("twilio_sid = ?", sid).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
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
	return tx.SetStatus(m, StatusChange{To: next, Code: e.ErrorCode, Text: e.ErrorMessage, At: e.ReceivedAt})
}

// StatusChange is a new status of a message: when, and for a failure Twilio's code and text.
type StatusChange struct {
	To   whatsapp.Status
	Code int
	Text string
	At   time.Time
}

// SetStatus gives a locked message its next status, counts a failure on its conversation, and publishes both.
func (tx *Tx) SetStatus(m *Message, c StatusChange) error {
	m.Status = c.To
	switch {
	case c.To == whatsapp.Sent:
		m.SentAt = &c.At
	case c.To == whatsapp.Delivered:
		m.DeliveredAt = &c.At
	case c.To == whatsapp.Read:
		m.ReadAt = &c.At
		if m.DeliveredAt == nil {
			m.DeliveredAt = &c.At
		}
	case c.To.Failure():
		m.FailedAt, m.ErrorCode, m.ErrorMessage = &c.At, c.Code, c.Text
	}
	if err := tx.Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	if c.To.Failure() && c.To != whatsapp.Canceled {
		var row string
		err := tx.Raw(`UPDATE conversations SET failed_count = failed_count + 1
			WHERE id = ? RETURNING 'row-' || public_id`, m.ConversationID).
			Scan(&row).
			Error
		if err := errors.Join(err, tx.Publish(row, "home")); err != nil {
			return err
		}
	}
	return tx.publishMessage(m)
}

// publishMessage publishes a change of a message to the pages of its conversation and its notification.
func (tx *Tx) publishMessage(m *Message) error {
	var topics []string
	err := tx.Raw(`SELECT 'conversation-' || public_id FROM conversations WHERE id = ?
		UNION ALL SELECT 'notification-' || public_id FROM notifications WHERE id = ?`,
		m.ConversationID, m.NotificationID).Scan(&topics).Error
	return errors.Join(err, tx.Publish(topics...))
}

// settleSid stores a message's sid, which proves that Twilio accepted it.
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

// SettleAccepted records that Twilio accepted a message, and applies the statuses that came earlier.
func (tx *Tx) SettleAccepted(id int64, sid string) error {
	if err := tx.lockKey("sid", sid); err != nil {
		return err
	}
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil {
		return nil // a callback with our reference came first
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
