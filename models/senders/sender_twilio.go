package senders

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// SenderEvent is a change of a sender's status, quality or limit at Twilio.
type SenderEvent struct {
	ID            int64
	SenderID      int64
	What          string // status, quality, limit
	Before, After string
	CreatedAt     time.Time `gorm:"default:now()"`
}

// SenderEvents are a sender's latest changes, newest first.
func (r Reads) SenderEvents(ctx context.Context, senderID int64, n int) ([]SenderEvent, error) {
	var out []SenderEvent
	err := r.read(ctx).Where("sender_id = ?", senderID).Order("id DESC").Limit(n).Find(&out).Error
	return out, err
}

// PeopleReached counts the different people that each sender wrote to by template in the last 24 hours, by sender.
// WhatsApp counts business-initiated conversations; a template within an open session doesn't begin one, so this is an
// upper bound.
func (r Reads) PeopleReached(ctx context.Context) (map[int64]int, error) {
	var rows []struct {
		SenderID int64
		N        int
	}
	err := r.read(ctx).
		Raw(`SELECT m.sender_id, count(DISTINCT m.conversation_id) AS n
		FROM template_versions v JOIN messages m ON m.version_id = v.id
		WHERE m.sending_at > ? AND m.status NOT IN ('refused', 'canceled') GROUP BY 1`,
			r.store.Now().Add(-whatsapp.TierPeriod)).
		Scan(&rows).
		Error
	out := map[int64]int{}
	for _, row := range rows {
		out[row.SenderID] = row.N
	}
	return out, err
}

// PeopleReachedBy is the same for one sender.
func (r Reads) PeopleReachedBy(ctx context.Context, senderID int64) (int, error) {
	var n int
	err := r.read(ctx).
		Raw(`SELECT count(DISTINCT m.conversation_id) FROM template_versions v JOIN messages m ON m.version_id = v.id
		WHERE m.sender_id = ? AND m.sending_at > ? AND m.status NOT IN ('refused', 'canceled')`,
			senderID, r.store.Now().Add(-whatsapp.TierPeriod)).
		Scan(&n).
		Error
	return n, err
}

// SenderByID finds a sender.
func (r Reads) SenderByID(ctx context.Context, id int64) (*Sender, error) {
	var out Sender
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "sender")
}

// SenderByIDForUpdate finds and locks a sender.
func SenderByIDForUpdate(tx *models.Tx, id int64) (*Sender, error) {
	var out Sender
	return &out, models.Found(base.DB(tx).Clauses(forChange).Take(&out, id).Error, "sender")
}

// SendersForUpdate locks all senders.
func SendersForUpdate(tx *models.Tx) ([]Sender, error) {
	var out []Sender
	err := base.DB(tx).Clauses(forChange).Order("id").Find(&out).Error
	return out, err
}

// StoreTwilioState stores what Twilio says about a locked sender, with a record of what changed since old. It does not
// touch the version: an open form doesn't become stale because Twilio was polled.
func StoreTwilioState(tx *models.Tx, s *Sender, old Sender) error {
	s.CheckedAt = new(tx.Now())
	if err := base.DB(tx).Save(s).Error; err != nil {
		return err
	}
	var events []SenderEvent
	for _, c := range []struct{ what, before, after string }{
		{"status", old.TwilioStatus, s.TwilioStatus},
		{"quality", old.Quality, s.Quality},
		{"limit", old.MessagingLimit, s.MessagingLimit},
	} {
		if c.before != c.after {
			events = append(events, SenderEvent{
				SenderID:  s.ID,
				What:      c.what,
				Before:    c.before,
				After:     c.after,
				CreatedAt: tx.Now(),
			})
		}
	}
	if len(events) > 0 || old.Problem != s.Problem || old.State != s.State {
		tx.Publish("senders", "shell")
	}
	if len(events) == 0 {
		return nil
	}
	return base.DB(tx).Create(&events).Error
}

// HasDelivered reports whether any message of a sender was delivered.
func HasDelivered(tx *models.Tx, senderID int64) (bool, error) {
	var yes bool
	err := base.DB(tx).Raw(`SELECT EXISTS (SELECT 1 FROM conversations v JOIN messages m ON m.conversation_id = v.id
		WHERE v.sender_id = ? AND m.direction = 'outbound' AND m.status IN ('delivered', 'read'))`, senderID).
		Scan(&yes).
		Error
	return yes, err
}

// SenderByIDForShare reads a sender within a transaction.
func SenderByIDForShare(tx *models.Tx, id int64) (*Sender, error) {
	var out Sender
	return &out, models.Found(base.DB(tx).Take(&out, id).Error, "sender")
}
