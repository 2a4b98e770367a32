package models

import (
	"context"
	"strconv"
	"strings"
	"time"

	"parley/services/whatsapp"
)

// Refusal is why Parley itself did not let a message leave in the moment of sending.
type Refusal string

// Outgoing is a claimed message with what the call to Twilio needs.
type Outgoing struct {
	ID          int64
	PublicID    string
	From        string // E.164
	ContactID   int64
	Body        string
	Kind        string
	ContentSid  *string
	ContentType whatsapp.ContentType // of a template, empty for a reply
	VersionID   *int64
	Variables   Values `gorm:"serializer:json"`
	// Placeholders are the version's, for their names at Twilio
	Placeholders []Placeholder `gorm:"serializer:json"`
	Attempts     int
	SendingAt    time.Time
	CreatedAt    time.Time
	Lookups      int
	Latitude     *float64
	Longitude    *float64
	Label        string
	Refusal      Refusal
	MediaKey     string // public id and access key of the file, "id/key", empty if none
	AddressKind  string
	Address      string
}

// To is the recipient's address.
func (o *Outgoing) To() whatsapp.Address {
	if o.AddressKind == "whatsapp_id" {
		return whatsapp.Address{ID: o.Address}
	}
	return whatsapp.Address{Phone: o.Address}
}

// ContentVariables are the values as Twilio wants them: by its own names where these are not numbers.
func (o *Outgoing) ContentVariables() string {
	keys := (&TemplateVersion{Placeholders: o.Placeholders}).Keys()
	out := Values{}
	for n, v := range o.Variables {
		if k := keys[n]; k != "" {
			n = k
		}
		out[n] = v
	}
	return out.JSON()
}

const outgoingColumns = `m.id, m.public_id, s.phone AS "from", v.contact_id, m.body, m.kind, coalesce(m.content_sid, t.content_sid) AS content_sid, coalesce(t.content_type, '') AS content_type, m.version_id, m.variables, coalesce(t.placeholders, '[]') AS placeholders,
	m.attempts, m.sending_at, m.created_at, m.lookups, m.latitude, m.longitude, m.label,
	coalesce((SELECT f.public_id || '/' || f.access_key FROM media_files f WHERE f.message_id = m.id ORDER BY position LIMIT 1), '') AS media_key,
	a.kind AS address_kind, a.address`

const outgoingJoins = ` JOIN conversations v ON v.id = m.conversation_id
	JOIN contacts c ON c.id = v.contact_id
	JOIN senders s ON s.id = m.sender_id
	LEFT JOIN template_versions t ON t.id = m.version_id
	LEFT JOIN templates p ON p.id = t.template_id
	LEFT JOIN notifications n ON n.id = m.notification_id
	JOIN LATERAL (SELECT kind, address FROM contact_addresses WHERE contact_id = c.id ORDER BY kind = 'phone' DESC, id DESC LIMIT 1) a ON true `

var topicConsent = topicConsentSQL("c", "p.topic_id")

// claimSQL is the last lock on the door (promises 1 to 3): window, consent and approval are read in the
// statement that marks a message as sending. A message waits while an earlier one of its conversation
// is under way, so that a person reads answers in the order in which they were written.
var claimSQL = `WITH due AS (
	SELECT m.id, CASE
		WHEN n.state = 'canceled' THEN 'canceled'
		WHEN c.blocked_at IS NOT NULL THEN 'blocked'
		WHEN s.kind = 'sandbox' AND (v.sandbox_joined_at IS NULL OR v.sandbox_joined_at <= CAST(@now AS timestamptz) - interval '72 hours') THEN 'not_joined'
		WHEN (m.version_id IS NULL OR m.session_only) AND (v.window_closes_at IS NULL OR v.window_closes_at <= @now) THEN 'window_closed'
		WHEN m.session_only AND t.state NOT IN ('draft', 'ready', 'approved') THEN 'not_approved'
		WHEN m.version_id IS NULL OR m.session_only THEN NULL
		WHEN p.topic_id IS NULL AND c.consent <> 'opted_in' THEN 'not_opted_in'
		WHEN p.topic_id IS NOT NULL AND ` + topicConsent + ` <> 'opted_in' THEN 'not_opted_in'
		WHEN t.state <> 'approved' THEN 'not_approved'
		WHEN coalesce(nullif(t.category, ''), p.category) = 'MARKETING' THEN 'promotion'
		WHEN s.kind = 'sandbox' AND NOT p.sandbox THEN 'not_in_sandbox'
		WHEN s.kind <> 'sandbox' AND p.sandbox THEN 'only_in_sandbox'
		END AS refusal
	FROM messages m` + outgoingJoins + `
	WHERE m.sender_id = @sender AND m.status = 'queued' AND m.send_at <= @now
		AND s.state = 'online' AND (n.id IS NULL OR n.state IN ('running', 'canceled', 'finished'))
		AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.conversation_id = m.conversation_id AND e.id < m.id
			AND (e.status = 'sending' OR e.status = 'queued' AND e.priority <= m.priority))
	ORDER BY m.priority, m.send_at, m.id LIMIT @n FOR UPDATE OF m SKIP LOCKED),
claimed AS (
	UPDATE messages m SET
		status = CASE WHEN due.refusal IS NULL THEN 'sending' WHEN due.refusal = 'canceled' THEN 'canceled' ELSE 'refused' END,
		error_message = coalesce(due.refusal, ''), failed_at = CASE WHEN due.refusal IS NULL THEN NULL ELSE CAST(@now AS timestamptz) END,
		attempts = m.attempts + CASE WHEN due.refusal IS NULL THEN 1 ELSE 0 END,
		sending_at = @now, claimed_by = @owner, lookups = 0
	FROM due WHERE m.id = due.id RETURNING m.*, due.refusal)
SELECT ` + outgoingColumns + `, coalesce(m.refusal, '') AS refusal FROM claimed m` + outgoingJoins + ` ORDER BY m.priority, m.send_at, m.id`

// ClaimOutgoing marks up to n due messages of a sender as sending and commits before it returns them.
// Messages that may not leave any more are refused in the same statement; they come back with Refusal set.
func (s *Store) ClaimOutgoing(ctx context.Context, senderID int64, owner string, n int) ([]Outgoing, error) {
	var out []Outgoing
	err := s.InTx(ctx, func(tx *Tx) error {
		err := tx.Raw(claimSQL, map[string]any{"now": tx.now, "sender": senderID, "owner": owner, "n": n}).Scan(&out).Error
		if err != nil {
			return err
		}
		for _, o := range out {
			if o.Refusal == "" {
				continue
			}
			if err := tx.tellRefused(o); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (tx *Tx) tellRefused(o Outgoing) error {
	var m Message
	if err := tx.Take(&m, o.ID).Error; err != nil {
		return err
	}
	if m.Status == whatsapp.Canceled {
		return tx.tellMessage(&m)
	}
	return tx.SetStatus(&m, whatsapp.Refused, 0, string(o.Refusal), tx.now)
}

// DueSenders are the ids of online senders that have something to send now.
func (s *Store) DueSenders(ctx context.Context) ([]Sender, error) {
	var out []Sender
	return out, s.read(ctx).Raw(`SELECT s.* FROM senders s WHERE s.state = 'online' AND EXISTS (SELECT 1 FROM messages m
		WHERE m.sender_id = s.id AND m.status = 'queued' AND m.send_at <= ?) OR EXISTS (SELECT 1 FROM messages m
		WHERE m.sender_id = s.id AND m.status IN ('sending', 'in_doubt')) ORDER BY s.id`, s.Now()).Scan(&out).Error
}

// FailOutgoing records Twilio's refusal of a message that this owner claimed.
func (tx *Tx) FailOutgoing(id int64, code int, text string) error {
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || m.Status != whatsapp.Sending {
		return nil
	}
	return tx.SetStatus(&m, whatsapp.Failed, code, text, tx.now)
}

// RequeueOutgoing puts back a message of which it is certain that Twilio did not take it.
func (tx *Tx) RequeueOutgoing(id int64, at time.Time) error {
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || (m.Status != whatsapp.Sending && m.Status != whatsapp.InDoubt) {
		return nil
	}
	m.Status, m.SendAt, m.ClaimedBy = whatsapp.Queued, &at, ""
	if err := tx.Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return tx.tellMessage(&m)
}

// DoubtOutgoing marks a message whose call ended without an answer.
func (tx *Tx) DoubtOutgoing(id int64) error {
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || m.Status != whatsapp.Sending {
		return nil
	}
	m.Status = whatsapp.InDoubt
	if err := tx.Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return tx.tellMessage(&m)
}

// OrphansInDoubt marks a sender's messages that are sending but not among inFlight: whoever claimed
// them died or lost track. Call it only while holding the sender's lease.
func (s *Store) OrphansInDoubt(ctx context.Context, senderID int64, inFlight []int64) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var rows []Message
		err := tx.Raw(`UPDATE messages SET status = 'in_doubt' WHERE sender_id = ? AND status = 'sending' AND NOT id = ANY(?)
			RETURNING conversation_id, notification_id`, senderID, pgArray(inFlight)).Scan(&rows).Error
		if err != nil {
			return err
		}
		for i := range rows {
			if err := tx.tellMessage(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// pgArray writes ids as a PostgreSQL array, which GORM would otherwise spread over many parameters.
func pgArray(ids []int64) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = strconv.FormatInt(id, 10)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// InDoubt are a sender's messages to look up at Twilio, oldest first.
func (s *Store) InDoubt(ctx context.Context, senderID int64, n int) ([]Outgoing, error) {
	var out []Outgoing
	return out, s.read(ctx).Raw(`SELECT `+outgoingColumns+` FROM messages m`+outgoingJoins+`
		WHERE m.sender_id = ? AND m.status = 'in_doubt' ORDER BY m.sending_at, m.id LIMIT ?`, senderID, n).Scan(&out).Error
}

// CountLookup notes that a message in doubt was looked up and not found.
func (s *Store) CountLookup(ctx context.Context, id int64) error {
	return s.read(ctx).Exec("UPDATE messages SET lookups = lookups + 1 WHERE id = ? AND status = 'in_doubt'", id).Error
}

// KnownSids are those of sids that belong to a message already.
func (s *Store) KnownSids(ctx context.Context, sids []string) (map[string]bool, error) {
	var rows []string
	err := s.read(ctx).Model(&Message{}).Where("twilio_sid IN ?", sids).Pluck("twilio_sid", &rows).Error
	out := map[string]bool{}
	for _, r := range rows {
		out[r] = true
	}
	return out, err
}
