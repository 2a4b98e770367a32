package notifications

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people"
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

var (
	eligibility          = query("recipients_eligibility")
	queueRecipients      = query("recipients_queue")
	addRecipients        = query("recipients_add")
	copyRecipientRows    = query("recipients_copy_rows")
	busyNotifications    = query("notifications_busy")
	notificationProgress = query("notification_progress")
)

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

// NotificationByRowID reads a notification without locking it.
func (r Reads) NotificationByRowID(ctx context.Context, id int64) (*Notification, error) {
	var n Notification
	return &n, models.Found(r.read(ctx).Take(&n, id).Error, "notification")
}

// ContactsByPublicID finds and locks contacts, ordered by name.
func ContactsByPublicID(tx *models.Tx, ids []string) ([]people.Contact, error) {
	var out []people.Contact
	err := base.DB(tx).Clauses(base.ForUpdate).Where("public_id IN ? AND gone = ''", ids).Order("id").Find(&out).Error
	return out, err
}
