package notifications

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

// RecipientRow is one person of a notification's audience.
type RecipientRow struct {
	ID                                        int64
	Line                                      int // line in the list, 0 without one
	Excluded                                  whatsapp.Exclusion
	Address                                   string
	ContactID                                 int64    // 0 without one
	Numbers                                   []string `gorm:"-"` // all of the person's, where somebody asked for them
	ContactPublicID, Name, ProfileName, Phone string
	ConversationPublicID, MessagePublicID     string
	Status                                    string
	ErrorCode                                 int
	ErrorMessage                              string
	SendAt                                    *time.Time
	SendingAt                                 *time.Time
	SentAt, DeliveredAt, ReadAt, FailedAt     *time.Time
	RepliedAt, AskedAt                        *time.Time
}

// Who is the person, as far as lists show them.
func (r *RecipientRow) Who() *people.Contact {
	c := people.Contact{ID: r.ContactID, Name: r.Name, ProfileName: r.ProfileName, Numbers: r.Numbers}
	if r.Phone != "" {
		c.Phone = &r.Phone
	}
	return &c
}

// Unknown reports whether Twilio accepted the message more than UnknownAfter ago and has reported no final status
// since.
func (r *RecipientRow) Unknown(now time.Time) bool {
	return r.SendingAt != nil && (r.Status == "accepted" || r.Status == "sent") &&
		now.Sub(*r.SendingAt) > conversations.UnknownAfter
}

var (
	recipients            = query("recipients")
	recipientContacts     = query("recipients_contacts")
	recipientAnswers      = query("recipients_answer")
	recipientSome         = query("recipients_some")
	notificationFailures  = query("notification_failures")
	notificationUnsettled = query("notification_unsettled")
)

// RecipientFilter narrows a notification's recipients. State is a status, "excluded" with a reason or without,
// "waiting", "unread", "unreplied", "replied", "unknown" or "left" (not in the queue yet).
type RecipientFilter struct {
	State   string
	Reason  whatsapp.Exclusion
	Code    *int // Twilio's error code, for failed ones; 0 for those that Parley itself refused
	Nothing bool // it names something that does not exist
	After   int64
	Limit   int
}

// recipientStates are the conditions on recipients r and messages m of the states that need no value.
var recipientStates = map[string]string{
	"":          "true",
	"left":      "r.excluded = '' AND r.message_id IS NULL",
	"waiting":   "m.status IN ('queued', 'sending')",
	"sent":      "m.status IN ('accepted', 'sent')",
	"delivered": "m.delivered_at IS NOT NULL",
	"excluded":  "r.excluded <> ''",
	"failed":    "m.status IN ('failed', 'undelivered', 'refused')",
	"unread":    "m.delivered_at IS NOT NULL AND m.read_at IS NULL",
	"unreplied": "m.delivered_at IS NOT NULL AND r.replied_at IS NULL",
	"replied":   "r.replied_at IS NOT NULL",
	"read":      "m.status = 'read'",
	"in_doubt":  "m.status = 'in_doubt'",
	"canceled":  "m.status = 'canceled'",
	"refused":   "m.status = 'refused'",
}

// where is the filter over recipients r and messages m.
func (f RecipientFilter) where(now time.Time) clause.Expr {
	switch {
	case f.State == "excluded" && f.Reason != "":
		return gorm.Expr("r.excluded = ?", f.Reason)
	case f.State == "failed" && f.Code != nil:
		return gorm.Expr(recipientStates[f.State]+" AND m.error_code = ?", *f.Code)
	case f.State == "unknown":
		return gorm.Expr("m.status IN ('accepted', 'sent') AND m.sending_at < ?", now.Add(-conversations.UnknownAfter))
	}
	if sql, ok := recipientStates[f.State]; ok {
		return gorm.Expr(sql)
	}
	return gorm.Expr("false")
}

// Recipients are a notification's audience, in the order in which it was evaluated.
func (r Reads) Recipients(ctx context.Context, notificationID int64, f RecipientFilter) ([]RecipientRow, error) {
	if f.Nothing {
		return nil, nil
	}
	var out []RecipientRow
	err := r.read(ctx).Raw(recipients, map[string]any{
		"notification": notificationID,
		"after":        f.After,
		"filter":       f.where(r.store.Now()),
		"n":            f.Limit,
	}).Scan(&out).Error
	return out, err
}

// FailureCount is how often a notification failed for one reason.
type FailureCount struct {
	ErrorCode int
	Reason    string // Parley's own reason, where there is no code
	N         int
}

// NotificationFailures groups a notification's failures.
func (r Reads) NotificationFailures(ctx context.Context, id int64) ([]FailureCount, error) {
	var out []FailureCount
	err := r.read(ctx).Raw(notificationFailures, map[string]any{"notification": id}).Scan(&out).Error
	return out, err
}

// UnsettledOf counts a notification's messages with an unknown outcome (doubt), and those without a final status
// (unknown).
func (r Reads) UnsettledOf(ctx context.Context, senderID, id int64) (doubt, unknown int, err error) {
	var row struct{ Doubt, Unknown int }
	err = r.read(ctx).Raw(notificationUnsettled, map[string]any{
		"sender":       senderID,
		"notification": id,
		"before":       r.store.Now().Add(-conversations.UnknownAfter),
	}).Scan(&row).Error
	return row.Doubt, row.Unknown, err
}

// Again selects the recipients of a notification who get a resend: those in a state of RecipientFilter; of the failed
// ones, those with some of Twilio's codes, and those that the notification could not reach in time.
type Again struct {
	State string
	Codes []int
}

func (a Again) where(now time.Time) clause.Expr {
	if a.State != "failed" {
		return RecipientFilter{State: a.State}.where(now)
	}
	return gorm.Expr(`(m.status IN ('failed', 'undelivered') AND m.error_code IN ?
		OR m.error_message = 'too_late' AND m.status = 'refused' OR r.excluded = 'expired')`, a.Codes)
}

// ContactsOfRecipients are the public ids of the contacts of a notification's recipients who get a resend, at most n.
func (r Reads) ContactsOfRecipients(ctx context.Context, notificationID int64, again Again, n int) ([]string, error) {
	var out []string
	err := r.read(ctx).Raw(recipientContacts, map[string]any{
		"notification": notificationID,
		"filter":       again.where(r.store.Now()),
		"n":            n,
	}).Scan(&out).Error
	return out, err
}

// Answers marks the notification that a conversation's contact replies to, if they got one in the last three days, and
// returns its public id and its template's name; both are empty if there is none.
func Answers(tx *models.Tx, conversationID int64) (publicID, name string, err error) {
	var out []struct{ PublicID, Name string }
	err = base.DB(tx).Raw(recipientAnswers, map[string]any{
		"conversation": conversationID,
		"now":          tx.Now(),
		"since":        tx.Now().Add(-arrivals.AnswerWithin),
	}).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", "", err
	}
	return out[0].PublicID, out[0].Name, nil
}

// AllowedByCountry counts the recipients who get a notification by the country of their number.
func (r Reads) AllowedByCountry(ctx context.Context, id int64) (map[string]int, error) {
	var rows []struct {
		Country string
		N       int
	}
	err := r.read(ctx).
		Raw(`SELECT c.country, count(*) AS n FROM notification_recipients r JOIN contacts c ON c.id = r.contact_id
			WHERE r.notification_id = ? AND r.excluded = '' GROUP BY 1`, id).
		Scan(&rows).
		Error
	out := map[string]int{}
	for _, row := range rows {
		out[row.Country] = row.N
	}
	return out, err
}

// SomeRecipients are three people who get a notification: from the beginning, the middle and the end of the list.
func SomeRecipients(tx *models.Tx, id int64) ([]EligibilityRow, error) {
	var rows []struct {
		ID        int64
		ContactID int64
		Columns   map[string]string `gorm:"serializer:json"`
	}
	err := base.DB(tx).Raw(recipientSome, map[string]any{"notification": id}).Scan(&rows).Error
	var out []EligibilityRow
	for _, r := range rows {
		var c people.Contact
		if err := base.DB(tx).Take(&c, r.ContactID).Error; err != nil {
			return nil, err
		}
		out = append(out, EligibilityRow{At: r.ID, RecipientID: r.ID, Contact: &c, Columns: r.Columns})
	}
	return out, err
}
