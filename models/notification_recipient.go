package models

import (
	"context"
	"time"

	"parley/whatsapp"
)

// RecipientRow is one person of a notification's audience.
type RecipientRow struct {
	ID                                        int64
	Line                                      int // in the list, 0 without one
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
func (r *RecipientRow) Who() *Contact {
	c := Contact{ID: r.ContactID, Name: r.Name, ProfileName: r.ProfileName, Numbers: r.Numbers}
	if r.Phone != "" {
		c.Phone = &r.Phone
	}
	return &c
}

// Unknown reports whether Twilio took the message some minutes ago and has told nothing final since.
func (r *RecipientRow) Unknown(now time.Time) bool {
	return r.SendingAt != nil && (r.Status == "accepted" || r.Status == "sent") && now.Sub(*r.SendingAt) > UnknownAfter
}

// UnknownAfter is how long a message that Twilio took may stay without a final status before it is asked for.
const UnknownAfter = 5 * time.Minute

// RecipientFilter narrows a notification's recipients. State is a status, "excluded" with a reason or without,
// "waiting", "unread", "unreplied", "replied", "unknown" or "left" (not in the queue yet).
type RecipientFilter struct {
	State   string
	Reason  whatsapp.Exclusion
	Code    *int // Twilio's, of those that failed; 0 for those that Parley itself refused
	Nothing bool // it names something that there is not
	After   int64
	Limit   int
}

// where writes the filter over recipients r and messages m.
func (f RecipientFilter) where(s *Store) (string, []any) {
	switch f.State {
	case "":
	case "excluded":
		if f.Reason != "" {
			return " AND r.excluded = ?", []any{f.Reason}
		}
		return " AND r.excluded <> ''", nil
	case "left":
		return " AND r.excluded = '' AND r.message_id IS NULL", nil
	case "waiting":
		return " AND m.status IN ('queued', 'sending')", nil
	case "sent":
		return " AND m.status IN ('accepted', 'sent')", nil
	case "delivered":
		return " AND m.delivered_at IS NOT NULL", nil
	case "failed":
		if f.Code != nil {
			return " AND m.status IN ('failed', 'undelivered', 'refused') AND m.error_code = ?", []any{*f.Code}
		}
		return " AND m.status IN ('failed', 'undelivered', 'refused')", nil
	case "unread":
		return " AND m.delivered_at IS NOT NULL AND m.read_at IS NULL", nil
	case "unreplied":
		return " AND m.delivered_at IS NOT NULL AND r.replied_at IS NULL", nil
	case "replied":
		return " AND r.replied_at IS NOT NULL", nil
	case "unknown":
		return " AND m.status IN ('accepted', 'sent') AND m.sending_at < ?", []any{s.Now().Add(-UnknownAfter)}
	case "read", "in_doubt", "canceled", "refused":
		return " AND m.status = ?", []any{f.State}
	default:
		return " AND false", nil
	}
	return "", nil
}

// Recipients are a notification's audience, in the order in which it was put together.
func (s *Store) Recipients(ctx context.Context, notificationID int64, f RecipientFilter) ([]RecipientRow, error) {
	if f.Nothing {
		return nil, nil
	}
	where, args := f.where(s)
	var out []RecipientRow
	err := s.read(ctx).Raw(`SELECT r.id, r.line, r.excluded, r.address, r.replied_at,
		coalesce(c.id, 0) AS contact_id, coalesce(c.public_id, '') AS contact_public_id, coalesce(c.name, '') AS name,
		coalesce(c.profile_name, '') AS profile_name, coalesce(x.address, c.phone, '') AS phone,
		coalesce(v.public_id, '') AS conversation_public_id, coalesce(m.public_id, '') AS message_public_id, coalesce(m.status, '') AS status, coalesce(m.error_code, 0) AS error_code,
		coalesce(m.error_message, '') AS error_message, m.send_at, m.sending_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.asked_at
		FROM notification_recipients r LEFT JOIN contacts c ON c.id = r.contact_id
		LEFT JOIN messages m ON m.id = r.message_id LEFT JOIN conversations v ON v.id = m.conversation_id LEFT JOIN contact_addresses x ON x.id = m.address_id AND x.kind = 'phone'
		WHERE r.notification_id = ? AND r.id > ?`+where+` ORDER BY r.id LIMIT ?`, append(append([]any{notificationID, f.After}, args...), f.Limit)...).Scan(&out).Error
	return out, err
}

// FailureCount is how often a notification failed for one reason.
type FailureCount struct {
	ErrorCode int
	Reason    string // Parley's own, where there is no code
	N         int
}

// NotificationFailures groups a notification's failures.
func (s *Store) NotificationFailures(ctx context.Context, id int64) ([]FailureCount, error) {
	var out []FailureCount
	err := s.read(ctx).
		Raw(`SELECT m.error_code, CASE WHEN m.error_code = 0 THEN m.error_message ELSE '' END AS reason, count(*) AS n FROM messages m
		WHERE m.notification_id = ? AND m.status IN ('failed', 'undelivered', 'refused') AND m.failed_at IS NOT NULL GROUP BY 1, 2 ORDER BY n DESC LIMIT 20`, id).
		Scan(&out).
		Error
	return out, err
}

// UnsettledOf counts a notification's messages in doubt, and those of which nothing final is known.
func (s *Store) UnsettledOf(ctx context.Context, senderID, id int64) (doubt, unknown int, err error) {
	var r struct{ Doubt, Unknown int }
	err = s.read(ctx).
		Raw(`SELECT (SELECT count(*) FROM messages WHERE sender_id = ? AND status = 'in_doubt' AND notification_id = ?) AS doubt,
		(SELECT count(*) FROM messages WHERE status IN ('accepted', 'sent') AND sending_at < ? AND notification_id = ?) AS unknown`, senderID, id, s.Now().Add(-UnknownAfter), id).
		Scan(&r).
		Error
	return r.Doubt, r.Unknown, err
}

// ContactsOfRecipients are the public ids of the contacts that a filter of a notification's recipients lets through,
// at most n.
func (s *Store) ContactsOfRecipients(
	ctx context.Context,
	notificationID int64,
	again string,
	codes []int,
	n int,
) ([]string, error) {
	where, args := RecipientFilter{State: again}.where(s)
	if again == "failed" { // or it could not leave in time
		where = " AND (m.status IN ('failed', 'undelivered') AND m.error_code IN ? OR m.error_message = 'too_late' AND m.status = 'refused' OR r.excluded = 'expired')"
		args = []any{codes}
	}
	var out []string
	err := s.read(ctx).
		Raw(`SELECT c.public_id FROM notification_recipients r JOIN contacts c ON c.id = r.contact_id LEFT JOIN messages m ON m.id = r.message_id
		WHERE r.notification_id = ? AND c.gone = ''`+where+` ORDER BY r.id LIMIT ?`, append(append([]any{notificationID}, args...), n)...).
		Scan(&out).
		Error
	return out, err
}

// AnswerWithin is for how long after a notification a message of its recipient counts as the answer to it.
const AnswerWithin = 72 * time.Hour

// lastTemplate is the latest template that went to a conversation's person, if it is among the last twenty messages: later
// ones answer something else.
func lastTemplate(conversation string) string {
	return "(SELECT * FROM (SELECT * FROM messages WHERE conversation_id = " + conversation + " ORDER BY id DESC LIMIT 20) x WHERE x.kind = 'template' ORDER BY x.id DESC LIMIT 1)"
}

// Answers marks the notification that a conversation's person answers, if one went to them in the last three days, and
// returns its public id and its template's name; both are empty if there is none.
func (tx *Tx) Answers(conversationID int64) (publicID, name string, err error) {
	var out []struct{ PublicID, Name string }
	err = tx.Raw(`WITH last AS (SELECT id, notification_id, sender_id, version_id, coalesce(sending_at, created_at) AS at FROM `+lastTemplate("@c")+` m),
		answered AS (UPDATE notification_recipients r SET replied_at = @now FROM last l WHERE r.message_id = l.id AND r.replied_at IS NULL AND l.at > @since RETURNING l.*),
		counted AS (INSERT INTO report_steps SELECT CAST(at AT TIME ZONE 'UTC' AS date), sender_id, coalesce(version_id, 0), notification_id, 'replied', 0, 1 FROM answered)
		SELECT n.public_id, t.name FROM last l JOIN notifications n ON n.id = l.notification_id JOIN template_versions v ON v.id = l.version_id JOIN templates t ON t.id = v.template_id WHERE l.at > @since`,
		map[string]any{"c": conversationID, "now": tx.now, "since": tx.now.Add(-AnswerWithin)}).
		Scan(&out).
		Error
	if err != nil || len(out) == 0 {
		return "", "", err
	}
	return out[0].PublicID, out[0].Name, nil
}

// countOptOut counts an opt-out against what the contact got in the last 24 hours.
func (tx *Tx) countOptOut(contactID int64) error {
	return tx.Exec(
		`INSERT INTO report_steps SELECT CAST(coalesce(m.sending_at, m.created_at) AT TIME ZONE 'UTC' AS date), m.sender_id, coalesce(m.version_id, 0), coalesce(m.notification_id, 0), 'opted_out', 0, 1
		FROM conversations v CROSS JOIN LATERAL `+lastTemplate(
			"v.id",
		)+` m
		WHERE v.contact_id = ? AND m.created_at > ? ORDER BY m.id DESC LIMIT 1`,
		contactID,
		tx.now.Add(-24*time.Hour),
	).Error
}

// AllowedByCountry counts the recipients who get a notification by the country of their number.
func (s *Store) AllowedByCountry(ctx context.Context, id int64) (map[string]int, error) {
	var rows []struct {
		Country string
		N       int
	}
	err := s.read(ctx).
		Raw("SELECT c.country, count(*) AS n FROM notification_recipients r JOIN contacts c ON c.id = r.contact_id WHERE r.notification_id = ? AND r.excluded = '' GROUP BY 1", id).
		Scan(&rows).
		Error
	out := map[string]int{}
	for _, r := range rows {
		out[r.Country] = r.N
	}
	return out, err
}

// SomeRecipients are three people who get a notification: from the beginning, the middle and the end of the list.
func (tx *Tx) SomeRecipients(id int64) ([]EligibilityRow, error) {
	var rows []struct {
		ID        int64
		ContactID int64
		Columns   map[string]string `gorm:"serializer:json"`
	}
	err := tx.Raw(`WITH ends AS (SELECT min(id) AS low, max(id) AS high FROM notification_recipients WHERE notification_id = @n AND excluded = '')
		SELECT id, contact_id, columns FROM notification_recipients WHERE id IN (SELECT low FROM ends UNION SELECT high FROM ends UNION
			(SELECT r.id FROM notification_recipients r, ends WHERE r.notification_id = @n AND r.excluded = '' AND r.id >= (low + high) / 2 ORDER BY r.id LIMIT 1)) ORDER BY id`, map[string]any{"n": id}).
		Scan(&rows).
		Error
	var out []EligibilityRow
	for _, r := range rows {
		var c Contact
		if err := tx.Take(&c, r.ContactID).Error; err != nil {
			return nil, err
		}
		out = append(out, EligibilityRow{At: r.ID, RecipientID: r.ID, Contact: &c, Columns: r.Columns})
	}
	return out, err
}
