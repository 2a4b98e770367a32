package notifications

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

// EligibilityRow is a person in the audience of a notification, with the facts that their eligibility depends on.
type EligibilityRow struct {
	At              int64 // the cursor after this row
	Contact         *people.Contact
	Address         string            // as written in the list
	Line            int               // line in the list, 0 without one
	Columns         map[string]string // the list's row
	Invalid         bool              // the list's text is not a number
	Duplicate       bool              // the person occurred earlier in the audience
	TopicConsent    string            // with the template's topic, where it has one
	AddressID       *int64            // where it is sent: the contact's chosen number, unless it was set before
	SandboxJoinedAt *time.Time        // of that address with the sender
	LastNotified    *time.Time
	NotifiedToday   int
	RecipientID     int64
}

// ListRow is a row of a pasted or uploaded list.
type ListRow struct {
	N       int // its line
	Address string
	Columns map[string]string `gorm:"serializer:json"`
}

var (
	eligibility          = query("recipients_eligibility")
	queueRecipients      = query("recipients_queue")
	addRecipients        = query("recipients_add")
	copyRecipientRows    = query("recipients_copy_rows")
	busyNotifications    = query("notifications_busy")
	notificationProgress = query("notification_progress")
)

// SetListRows replaces a notification's list.
func SetListRows(tx *models.Tx, n *Notification, rows []ListRow) error {
	if err := base.DB(tx).Exec("DELETE FROM notification_rows WHERE notification_id = ?", n.ID).Error; err != nil {
		return err
	}
	for len(rows) > 0 {
		part := rows[:min(len(rows), 5000)]
		rows = rows[len(part):]
		b, err := json.Marshal(part)
		if err != nil {
			return err
		}
		err = base.DB(tx).Exec(`INSERT INTO notification_rows
			SELECT ?, x."N", x."Address", coalesce(x."Columns", '{}')
			FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x ("N" int, "Address" text, "Columns" jsonb)`,
			n.ID, string(b)).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// CopyListRows gives a notification another one's list.
func CopyListRows(tx *models.Tx, from, to int64) error {
	return base.DB(tx).Exec(`INSERT INTO notification_rows
		SELECT ?, n, address, columns FROM notification_rows WHERE notification_id = ?`, to, from).Error
}

// PickedPart are the next of some contacts after an id, oldest first.
func (r Reads) PickedPart(ctx context.Context, ids []string, after int64, n int) ([]people.Contact, error) {
	var out []people.Contact
	err := r.read(ctx).
		Where("public_id IN ? AND gone = '' AND id > ?", ids, after).
		Order("id").
		Limit(n).
		Find(&out).
		Error
	return out, err
}

// ListPart are the next rows of a notification's list.
func (r Reads) ListPart(ctx context.Context, notificationID, after int64, n int) ([]ListRow, error) {
	var out []ListRow
	err := r.read(ctx).
		Raw(`SELECT n, address, columns FROM notification_rows
			WHERE notification_id = ? AND n > ? ORDER BY n LIMIT ?`, notificationID, after, n).
		Scan(&out).
		Error
	return out, err
}

// ContactsAtMatches are the contacts with some addresses, by the address's match key.
func (r Reads) ContactsAtMatches(ctx context.Context, matches []string) (map[string]*people.Contact, error) {
	var at []struct {
		Match     string
		ContactID int64
	}
	if err := r.read(ctx).
		Raw("SELECT match, contact_id FROM contact_addresses WHERE match IN ?", append([]string{""}, matches...)).
		Scan(&at).
		Error; err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(at))
	for _, a := range at {
		ids = append(ids, a.ContactID)
	}
	var rows []people.Contact
	if err := r.read(ctx).Where("id IN ? AND gone = ''", append([]int64{0}, ids...)).Find(&rows).Error; err != nil {
		return nil, err
	}
	byID := make(map[int64]*people.Contact, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	out := make(map[string]*people.Contact, len(at))
	for _, a := range at {
		if c := byID[a.ContactID]; c != nil {
			out[a.Match] = c
		}
	}
	return out, nil
}

// LoadEligibility reads the facts that eligibility depends on: the address, consent for a topic, the Sandbox, and what
// people got recently, from notifications and from the API. One-time codes don't count: people asked for them.
func LoadEligibility(tx *models.Tx, n *Notification, topicID *int64, list []EligibilityRow) error {
	ids, set := make([]int64, 0, len(list)), make([]int64, 0, len(list))
	for _, c := range list {
		if c.Contact == nil {
			continue
		}
		ids = append(ids, c.Contact.ID)
		if c.AddressID != nil {
			set = append(set, *c.AddressID)
		} else {
			set = append(set, 0)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ContactID       int64
		AddressID       *int64
		TopicConsent    string
		SandboxJoinedAt *time.Time
		LastNotified    *time.Time
		Today           int
		There           bool
	}
	now := tx.Now()
	sandbox := gorm.Expr("SELECT kind = 'sandbox' FROM senders WHERE id = ?", n.SenderID)
	err := base.DB(tx).Raw(eligibility,
		map[string]any{
			"topic_consent": people.ConsentSQL(gorm.Expr("CAST(? AS bigint)", topicID), sandbox),
			"sender":        n.SenderID,
			"notification":  n.ID,
			"api":           conversations.RuleAPI,
			"ids":           models.IDs(ids).Text(),
			"set":           models.IDs(set).Text(),
			"day":           now.Add(-24 * time.Hour),
			"month":         now.AddDate(0, 0, -30),
		}).
		Scan(&rows).
		Error
	byID := make(map[int64]int, len(rows))
	for i, r := range rows {
		byID[r.ContactID] = i
	}
	seen := map[int64]bool{}
	for i := range list {
		c := &list[i]
		if c.Contact == nil {
			continue
		}
		if at, ok := byID[c.Contact.ID]; ok {
			r := rows[at]
			c.AddressID = r.AddressID
			c.TopicConsent, c.SandboxJoinedAt = r.TopicConsent, r.SandboxJoinedAt
			c.LastNotified, c.NotifiedToday = r.LastNotified, r.Today
			c.Duplicate = c.RecipientID == 0 && (r.There || seen[c.Contact.ID])
		}
		seen[c.Contact.ID] = true
	}
	return err
}

// Evaluated is the decision about one person of the audience.
type Evaluated struct {
	Contact  *int64             `json:"contact"`
	Line     int                `json:"line"`
	Address  string             `json:"address"`
	Columns  map[string]string  `json:"columns"`
	Excluded whatsapp.Exclusion `json:"excluded"`
}

// ForgetRecipients empties a notification's list of recipients. None of them may have a message yet.
func ForgetRecipients(tx *models.Tx, notificationID int64) error {
	return base.DB(tx).Exec(
		"DELETE FROM notification_recipients WHERE notification_id = ? AND message_id IS NULL",
		notificationID,
	).Error
}

// AddRecipients adds a part of the audience to a notification's list.
func AddRecipients(tx *models.Tx, n *Notification, list []Evaluated) error {
	if len(list) == 0 {
		return nil
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return base.DB(tx).Exec(addRecipients, map[string]any{"notification": n.ID, "list": string(b)}).Error
}

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

// NotificationByRowID reads a notification without locking it.
func (r Reads) NotificationByRowID(ctx context.Context, id int64) (*Notification, error) {
	var n Notification
	return &n, models.Found(r.read(ctx).Take(&n, id).Error, "notification")
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
func (reads Reads) ProgressOf(ctx context.Context, id int64) (Progress, error) {
	var rows []struct {
		Measure string
		N       int
	}
	err := reads.read(ctx).
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
	for _, r := range rows {
		if at := into[r.Measure]; at != nil {
			*at = r.N
		}
	}
	return p, err
}

// CopySomeRows gives a notification the rows of another one's list that belong to some contacts.
func CopySomeRows(tx *models.Tx, from, to int64, contacts []string) error {
	return base.DB(tx).Exec(copyRecipientRows, map[string]any{"to": to, "from": from, "contacts": contacts}).Error
}

// FirstColumns are the columns of the first row of a notification's list, nil if it has none.
func FirstColumns(tx *models.Tx, id int64) (map[string]string, error) {
	var rows []ListRow
	err := base.DB(tx).
		Raw("SELECT n, address, columns FROM notification_rows WHERE notification_id = ? ORDER BY n LIMIT 1", id).
		Scan(&rows).
		Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].Columns, nil
}

// ContactsByPublicID finds and locks contacts, ordered by name.
func ContactsByPublicID(tx *models.Tx, ids []string) ([]people.Contact, error) {
	var out []people.Contact
	err := base.DB(tx).Clauses(base.ForUpdate).Where("public_id IN ? AND gone = ''", ids).Order("id").Find(&out).Error
	return out, err
}
