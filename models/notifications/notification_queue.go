package notifications

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

// LeftRecipients are the next recipients without a message after a cursor, with their contacts.
func LeftRecipients(tx *models.Tx, n *Notification, limit int) ([]EligibilityRow, error) {
	var rows []struct {
		ID        int64
		ContactID int64
		Columns   map[string]string `gorm:"serializer:json"`
	}
	err := base.DB(tx).Raw(`SELECT id, contact_id, columns FROM notification_recipients
		WHERE notification_id = ? AND id > ? AND message_id IS NULL AND excluded = '' ORDER BY id LIMIT ?`,
		n.ID, n.Cursor, limit).
		Scan(&rows).
		Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ContactID
	}
	var contacts []people.Contact
	if err := base.DB(tx).Where("id IN ?", ids).Find(&contacts).Error; err != nil {
		return nil, err
	}
	byID := make(map[int64]*people.Contact, len(contacts))
	for i := range contacts {
		byID[contacts[i].ID] = &contacts[i]
	}
	out := make([]EligibilityRow, len(rows))
	for i, r := range rows {
		out[i] = EligibilityRow{At: r.ID, RecipientID: r.ID, Contact: byID[r.ContactID], Columns: r.Columns}
	}
	return out, nil
}

// Queued is a message of a notification for the queue.
type Queued struct {
	Recipient int64            `json:"recipient"`
	Contact   int64            `json:"contact"`
	Address   *int64           `json:"address"`
	Version   int64            `json:"version"`
	Body      string           `json:"body"`
	Line      string           `json:"line"`
	Variables templates.Values `json:"variables"`
	SendAt    time.Time        `json:"send_at"`
	// ValidUntil is until when it may be sent, if that is before the notification's end
	ValidUntil *time.Time `json:"valid_until,omitempty"`
}

// QueueRecipients writes the messages of some recipients into the queue, with their conversations, in one statement. A
// conversation that is created for it stays out of the inbox until the person replies. The token makes sure that each
// recipient gets at most one message.
func QueueRecipients(tx *models.Tx, n *Notification, list []Queued) error {
	if len(list) == 0 {
		return nil
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	err = base.DB(tx).Exec(queueRecipients, map[string]any{
		"list":         string(b),
		"sender":       n.SenderID,
		"author":       n.CreatedBy,
		"notification": n.ID,
		"priority":     conversations.PriorityNotification,
		"until":        n.ValidUntil,
		"now":          tx.Now(),
	}).Error
	base.WakeDispatchers(tx)
	return err
}

// LeaveOut records why recipients on the list are left out after all.
func LeaveOut(tx *models.Tx, n *Notification, reasons map[int64]whatsapp.Exclusion) error {
	if len(reasons) == 0 {
		return nil
	}
	type one struct {
		ID  int64              `json:"id"`
		Why whatsapp.Exclusion `json:"why"`
	}
	list := make([]one, 0, len(reasons))
	for id, why := range reasons {
		list = append(list, one{id, why})
		n.Excluded[why]++
		n.Allowed--
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return base.DB(tx).Exec(`UPDATE notification_recipients r SET excluded = x.why
		FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x (id bigint, why text) WHERE r.id = x.id`, string(b)).Error
}

// DueAhead is how many queued messages of a notification may be sent now or within a minute.
func (r Reads) DueAhead(ctx context.Context, n *Notification) (int, error) {
	var k int
	err := r.read(ctx).
		Raw(`SELECT count(*) FROM (SELECT 1 FROM messages
			WHERE sender_id = ? AND status = 'queued' AND notification_id = ? AND send_at <= ? LIMIT 50000) x`,
			n.SenderID, n.ID, r.store.Now().Add(time.Minute)).
		Scan(&k).
		Error
	return k, err
}

// BusyNotifications are the notifications with work to do: those to check, to prepare or to send, those whose time has
// come, and those whose validity ended before somebody approved them.
func (r Reads) BusyNotifications(ctx context.Context) ([]int64, error) {
	var ids []int64
	err := r.read(ctx).Raw(busyNotifications, map[string]any{"now": r.store.Now()}).Scan(&ids).Error
	return ids, err
}

// TakeNotification finds and locks a notification. It is nil if another instance works on it.
func TakeNotification(tx *models.Tx, id int64) (*Notification, error) {
	var out []Notification
	err := base.DB(tx).Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
		Where("id = ?", id).
		Limit(1).
		Find(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// ProgressOf is the progress of a notification.
func (r Reads) ProgressOf(ctx context.Context, id int64) (Progress, error) {
	var rows []struct {
		Measure string
		N       int
	}
	err := r.read(ctx).
		Raw(notificationProgress, map[string]any{"notification": id}).
		Scan(&rows).
		Error
	var p Progress
	into := map[string]*int{
		"queued":    &p.Queued,
		"settled":   &p.Settled,
		"sent":      &p.Sent,
		"delivered": &p.Delivered,
		"read":      &p.Read,
		"failed":    &p.Failed,
		"refused":   &p.Refused,
		"canceled":  &p.Canceled,
		"replied":   &p.Replied,
		"opted_out": &p.OptedOut,
	}
	for _, row := range rows {
		if at := into[row.Measure]; at != nil {
			*at = row.N
		}
	}
	return p, err
}
