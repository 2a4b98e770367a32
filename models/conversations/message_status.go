package conversations

import (
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
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
func TakeStatus(tx *models.Tx, e StatusEvent, ref string) (StatusEffect, error) {
	// A callback may come while the answer with the sid is being stored: the two run one after another.
	if err := base.LockKey(tx, "sid", e.MessageSid); err != nil {
		return 0, err
	}
	res := base.DB(tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&e)
	if res.Error != nil || res.RowsAffected == 0 {
		return StatusRepeated, res.Error
	}
	m, err := messageOfStatus(tx, e.MessageSid, ref)
	if err != nil {
		return 0, err
	}
	if m == nil {
		return StatusUnknown, nil
	}
	before := m.Status
	if err := applyStatus(tx, m, e); err != nil || m.Status != before || string(before) == e.Status {
		return StatusApplied, err
	}
	if next, known := whatsapp.StatusFromTwilio(e.Status); known && next != before {
		return StatusLate, nil
	}
	return StatusApplied, nil
}

// messageOfStatus finds and locks the message that a status is about, by its sid or by the public id that our callback
// URL carried; nil if it is not known yet.
func messageOfStatus(tx *models.Tx, sid, ref string) (*Message, error) {
	m, err := messageBySid(tx, sid)
	if m != nil || err != nil || ref == "" {
		return m, err
	}
	// It may be in the queue again already, because Twilio's list did not show it in time. A status of the failed attempt
	// says nothing about the one that waits.
	var named []Message
	err = base.DB(tx).Clauses(base.ForUpdate).
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
		return &named[0], settleSid(tx, &named[0], sid)
	}
	// The answer to the call may just have been stored.
	return messageBySid(tx, sid)
}

// messageBySid finds and locks a message, nil if there is none.
func messageBySid(tx *models.Tx, sid string) (*Message, error) {
	var out []Message
	err := base.DB(tx).Clauses(base.ForUpdate).Where("twilio_sid = ?", sid).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// applyStatus moves a locked message by one event, if it goes forward.
func applyStatus(tx *models.Tx, m *Message, e StatusEvent) error {
	if err := base.DB(tx).Model(&StatusEvent{}).Where("id = ?", e.ID).Update("message_id", m.ID).Error; err != nil {
		return err
	}
	next, ok := whatsapp.StatusFromTwilio(e.Status)
	if !ok || !m.Status.CanBecome(next) {
		return nil
	}
	if next.Failure() {
		if again, err := requeue(tx, m, e.ErrorCode); err != nil || again {
			return err
		}
	}
	return SetStatus(tx, m, StatusChange{To: next, Code: e.ErrorCode, Text: e.ErrorMessage, At: e.ReceivedAt})
}

// StatusChange is a new status of a message: when, and for a failure Twilio's code and text.
type StatusChange struct {
	To   whatsapp.Status
	Code int
	Text string
	At   time.Time
}

// SetStatus gives a locked message its next status, counts a failure on its conversation, and publishes both.
func SetStatus(tx *models.Tx, m *Message, c StatusChange) error {
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
	if err := base.DB(tx).Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	if c.To.Failure() && c.To != whatsapp.Canceled {
		var row string
		err := base.DB(tx).Raw(`UPDATE conversations SET failed_count = failed_count + 1
			WHERE id = ? RETURNING 'row-' || public_id`, m.ConversationID).
			Scan(&row).
			Error
		if err != nil {
			return err
		}
		tx.Publish(row, "home")
	}
	return PublishMessage(tx, m)
}

// PublishMessage publishes a change of a message to the pages of its conversation and its notification.
func PublishMessage(tx *models.Tx, m *Message) error {
	var topics []string
	err := base.DB(tx).Raw(`SELECT 'conversation-' || public_id FROM conversations WHERE id = ?
		UNION ALL SELECT 'notification-' || public_id FROM notifications WHERE id = ?`,
		m.ConversationID, m.NotificationID).Scan(&topics).Error
	tx.Publish(topics...)
	return err
}

// settleSid stores a message's sid, which proves that Twilio accepted it.
func settleSid(tx *models.Tx, m *Message, sid string) error {
	m.TwilioSid = &sid
	if m.Status.CanBecome(whatsapp.Accepted) {
		m.Status = whatsapp.Accepted
	}
	m.ErrorCode, m.ErrorMessage = 0, ""
	if err := base.DB(tx).Omit("Author", "Media", "Version").Save(m).Error; err != nil {
		return err
	}
	return PublishMessage(tx, m)
}

// SettleAccepted records that Twilio accepted a message, and applies the statuses that came earlier.
func SettleAccepted(tx *models.Tx, id int64, sid string) error {
	if err := base.LockKey(tx, "sid", sid); err != nil {
		return err
	}
	var m Message
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil {
		return nil // a callback with our reference came first
	}
	if err := settleSid(tx, &m, sid); err != nil {
		return err
	}
	return applyEvents(tx, &m, sid)
}

// ApplyEarly applies the statuses that came before a message's sid was known.
func ApplyEarly(tx *models.Tx, id int64, sid string) error {
	var m Message
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	return applyEvents(tx, &m, sid)
}

func applyEvents(tx *models.Tx, m *Message, sid string) error {
	var events []StatusEvent
	err := base.DB(tx).Where("message_sid = ? AND message_id IS NULL", sid).Order("id").Find(&events).Error
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := applyStatus(tx, m, e); err != nil {
			return err
		}
		if !whatsapp.OptOutCode(e.ErrorCode) {
			continue
		}
		if _, err := OptOutByTwilio(tx, TwilioOptOut{MessageID: m.ID, Code: e.ErrorCode}); err != nil {
			return err
		}
	}
	return nil
}
