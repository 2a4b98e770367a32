package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/whatsapp"
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
	Kind        whatsapp.MessageKind
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
	AddressKind  whatsapp.AddressKind
	Address      string     // what the message was written for
	ValidUntil   *time.Time // its own or its notification's, whichever ends first
}

// Valid reports whether a message with a validity is still wanted; one that has none is judged by its age.
func (o *Outgoing) Valid(now time.Time) bool { return o.ValidUntil != nil && now.Before(*o.ValidUntil) }

// To is the recipient's address.
func (o *Outgoing) To() whatsapp.Address { return addressOf(o.AddressKind, o.Address) }

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
	CASE WHEN m.version_id IS NULL THEN coalesce((SELECT f.public_id || '/' || f.access_key FROM media_files f WHERE f.message_id = m.id ORDER BY position LIMIT 1), '') ELSE '' END AS media_key,
	coalesce(a.kind, '') AS address_kind, coalesce(a.address, '') AS address, least(m.valid_until, n.valid_until) AS valid_until`

const outgoingJoins = ` JOIN conversations v ON v.id = m.conversation_id
	JOIN contacts c ON c.id = v.contact_id
	JOIN senders s ON s.id = m.sender_id
	LEFT JOIN template_versions t ON t.id = m.version_id
	LEFT JOIN templates p ON p.id = t.template_id
	LEFT JOIN notifications n ON n.id = m.notification_id
	LEFT JOIN contact_addresses a ON a.id = m.address_id `

var topicConsent = consentToSQL("p.topic_id", "s.kind = 'sandbox'")

// claimSQL is the last lock on the door (promises 1 to 3): the window of the address that the message was written for,
// consent and approval are read in the statement that marks a message as sending. A message waits while an earlier one of its conversation
// is under way, so that a person reads answers in the order in which they were written. What another program or a
// notification has set for later (quiet hours, local time) holds nothing up; an answer that Twilio put off does.
var claimSQL = `WITH due AS (
	SELECT ` + strings.NewReplacer("m.attempts", "m.attempts + 1 AS attempts", "m.sending_at", "CAST(@now AS timestamptz) AS sending_at").Replace(outgoingColumns) + `, m.priority, m.send_at, CASE
		WHEN n.state = 'canceled' THEN 'canceled'
		WHEN n.valid_until <= @now OR m.valid_until <= @now THEN 'too_late'
		WHEN c.blocked_at IS NOT NULL THEN 'blocked'
		WHEN s.kind = 'sandbox' AND coalesce(` + heldSQL("sandbox_joined_at", "m.address_id") + `, '-infinity') <= CAST(@now AS timestamptz) - interval '72 hours' THEN 'not_joined'
		WHEN t.unfillable <> '' OR m.variables = '{}' AND t.placeholders <> '[]' THEN 'unfillable'
		WHEN (m.version_id IS NULL OR m.session_only) AND coalesce(` + heldSQL("window_closes_at", "m.address_id") + `, '-infinity') <= @now THEN 'window_closed'
		WHEN a.id IS NULL THEN 'no_address'
		WHEN a.kind = 'other' THEN 'unknown_address'
		WHEN m.session_only AND t.state NOT IN ('draft', 'ready', 'approved') THEN 'not_approved'
		WHEN m.version_id IS NULL OR m.session_only THEN NULL
		WHEN p.topic_id IS NULL AND c.consent <> 'opted_in' THEN 'not_opted_in'
		WHEN p.topic_id IS NULL AND c.consent_scope = 'sandbox' AND s.kind <> 'sandbox' THEN 'sandbox_only'
		WHEN p.topic_id IS NOT NULL AND ` + topicConsent + ` = 'sandbox_only' THEN 'sandbox_only'
		WHEN p.topic_id IS NOT NULL AND ` + topicConsent + ` <> 'opted_in' THEN 'not_opted_in'
		WHEN t.state <> 'approved' THEN 'not_approved'
		WHEN coalesce(nullif(t.category, ''), p.category) = 'MARKETING' THEN 'promotion'
		WHEN s.kind = 'sandbox' AND NOT p.sandbox THEN 'not_in_sandbox'
		WHEN s.kind <> 'sandbox' AND p.sandbox THEN 'only_in_sandbox'
		END AS refusal
	FROM messages m` + outgoingJoins + `
	WHERE m.sender_id = @sender AND m.status = 'queued' AND m.send_at <= @now
		AND s.state = 'online' AND (n.id IS NULL OR n.state IN ('running', 'canceled', 'finished', 'expired'))%FULL%
		AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.conversation_id = m.conversation_id AND e.id < m.id
			AND (e.status = 'sending' OR e.status = 'queued' AND e.priority <= m.priority
				AND (e.send_at <= @now OR e.valid_until IS NULL AND e.notification_id IS NULL)))
	ORDER BY m.priority, m.send_at, m.id LIMIT %LIMIT% FOR UPDATE OF m SKIP LOCKED),
claimed AS (
	UPDATE messages m SET
		status = CASE WHEN due.refusal IS NULL THEN 'sending' WHEN due.refusal = 'canceled' THEN 'canceled' ELSE 'refused' END,
		error_message = coalesce(due.refusal, ''), failed_at = CASE WHEN due.refusal IS NULL THEN NULL ELSE CAST(@now AS timestamptz) END,
		attempts = m.attempts + CASE WHEN due.refusal IS NULL THEN 1 ELSE 0 END,
		sending_at = @now, claimed_by = @owner, lookups = 0
	FROM due WHERE m.id = due.id RETURNING m.id)
SELECT due.* FROM due JOIN claimed USING (id) ORDER BY due.priority, due.send_at, due.id`

// claimFull is what else holds for a sender that has written to as many people as it may.
var claimFull = `
		AND (m.version_id IS NULL OR ` + heldSQL("window_closes_at", "m.address_id") + ` > @now OR m.conversation_id IN (SELECT k.conversation_id FROM template_versions o JOIN messages k ON k.version_id = o.id
			WHERE k.sender_id = @sender AND k.sending_at > CAST(@now AS timestamptz) - interval '24 hours' AND k.status NOT IN ('refused', 'canceled')))`

// ClaimOutgoing marks up to n due messages of a sender as sending and commits before it returns them.
// Messages that may not leave any more are refused in the same statement; they come back with Refusal set. With full,
// the sender has written to as many different people today as WhatsApp allows: then only what goes to people who
// were written to already, or within a session, is claimed.
func (s *Store) ClaimOutgoing(ctx context.Context, senderID int64, owner string, n int, full bool) ([]Outgoing, error) {
	var out []Outgoing
	err := s.InTx(ctx, func(tx *Tx) error {
		also, plan := "", "force_generic_plan" // planning would cost a third of the claim, and its plan is always the same
		if full {
			also, plan = claimFull, "force_custom_plan"
		}
		if err := tx.Exec("SET LOCAL plan_cache_mode = " + plan).Error; err != nil {
			return err
		}
		// The number stands in the text: with a parameter the planner expects a tenth of the queue, and reads it all.
		sql := strings.NewReplacer("%LIMIT%", strconv.Itoa(claimSize(n)), "%FULL%", also).Replace(claimSQL)
		if err := tx.Raw(sql, map[string]any{"now": tx.now, "sender": senderID, "owner": owner}).
			Find(&out).
			Error; err != nil {
			return err
		}
		return tx.publishRefused(out)
	})
	return out, err
}

// claimSize rounds down, so that there are few different statements to keep prepared.
func claimSize(n int) int {
	for _, size := range []int{500, 250, 100, 50, 25, 10, 5, 2} {
		if n >= size {
			return size
		}
	}
	return 1
}

// publishRefused counts refusals on their conversations and tells the pages, in two statements however many they are.
func (tx *Tx) publishRefused(list []Outgoing) error {
	var ids []int64
	for _, o := range list {
		if o.Refusal != "" {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var topics []string
	err := tx.Raw(`WITH m AS (SELECT conversation_id, notification_id, status FROM messages WHERE id = ANY(CAST(@ids AS bigint[]))),
		c AS (UPDATE conversations v SET failed_count = failed_count + x.n FROM (SELECT conversation_id, count(*) AS n FROM m WHERE status = 'refused' GROUP BY 1) x WHERE v.id = x.conversation_id RETURNING v.public_id)
		SELECT 'row-' || public_id FROM c UNION ALL SELECT DISTINCT 'conversation-' || v.public_id FROM m JOIN conversations v ON v.id = m.conversation_id WHERE m.notification_id IS NULL
		UNION ALL SELECT DISTINCT 'notification-' || n.public_id FROM m JOIN notifications n ON n.id = m.notification_id`, map[string]any{"ids": pgArray(ids)}).
		Scan(&topics).
		Error
	return errors.Join(err, tx.Publish(topics...), tx.Publish("home"))
}

// DueSenders are the ids of online senders that have something to send now.
func (s *Store) DueSenders(ctx context.Context) ([]Sender, error) {
	var out []Sender
	err := s.read(ctx).Raw(`SELECT s.* FROM senders s WHERE s.state = 'online' AND EXISTS (SELECT 1 FROM messages m
		WHERE m.sender_id = s.id AND m.status = 'queued' AND m.send_at <= ?) OR EXISTS (SELECT 1 FROM messages m
		WHERE m.sender_id = s.id AND m.status IN ('sending', 'in_doubt')) ORDER BY s.id`, s.Now()).Scan(&out).Error
	return out, err
}

// Taken is a message that Twilio took, with the sid that it gave.
type Taken struct {
	ID  int64  `json:"id"`
	Sid string `json:"sid"`
}

// SettleTaken records what Twilio took, all in one statement, and applies the statuses that came before. A message that
// its own callback has settled meanwhile stays as it is, as does one whose sid was given to another with the same text.
func (s *Store) SettleTaken(ctx context.Context, list []Taken) error {
	slices.SortFunc(list, func(a, b Taken) int { return cmp.Compare(a.ID, b.ID) }) // callbacks lock in this order, too
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *Tx) error {
		var rows []struct {
			ID    int64
			Sid   string
			Topic string
			Early bool
		}
		err := tx.Raw(`WITH x AS (SELECT * FROM jsonb_to_recordset(CAST(@list AS jsonb)) AS x (id bigint, sid text)),
			m AS (UPDATE messages m SET twilio_sid = x.sid, status = 'accepted', error_code = 0, error_message = '' FROM x
				WHERE m.id = x.id AND m.twilio_sid IS NULL AND m.status IN ('sending', 'in_doubt')
					AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.twilio_sid = x.sid) RETURNING m.id, x.sid, m.conversation_id, m.notification_id)
			SELECT DISTINCT 0 AS id, '' AS sid, 'notification-' || n.public_id AS topic, false AS early FROM m JOIN notifications n ON n.id = m.notification_id
			UNION ALL SELECT 0, '', 'conversation-' || v.public_id, false FROM m JOIN conversations v ON v.id = m.conversation_id WHERE m.notification_id IS NULL
			UNION ALL SELECT m.id, m.sid, '', true FROM m JOIN status_events e ON e.message_sid = m.sid AND e.message_id IS NULL`, map[string]any{"list": string(b)}).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := tx.Publish(r.Topic); err != nil {
				return err
			}
			if !r.Early {
				continue
			}
			if err := tx.applyEarly(r.ID, r.Sid); err != nil {
				return err
			}
		}
		return nil
	})
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
	if m.TwilioSid != nil || (m.Status != whatsapp.Sending && m.Status != whatsapp.OutcomeUnknown) {
		return nil
	}
	m.Status, m.SendAt, m.ClaimedBy = whatsapp.Queued, &at, ""
	if err := tx.Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return tx.publishMessage(&m)
}

// MarkOutcomeUnknown marks a message whose call ended without an answer.
func (tx *Tx) MarkOutcomeUnknown(id int64) error {
	var m Message
	if err := tx.Clauses(forUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || m.Status != whatsapp.Sending {
		return nil
	}
	m.Status = whatsapp.OutcomeUnknown
	if err := tx.Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return tx.publishMessage(&m)
}

// MarkOrphansUnknown marks a sender's messages that are sending but not among inFlight: whoever claimed
// them died or lost track. Call it only while holding the sender's lease.
func (s *Store) MarkOrphansUnknown(ctx context.Context, senderID int64, inFlight []int64) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var rows []Message
		err := tx.Raw(`UPDATE messages SET status = 'in_doubt' WHERE sender_id = ? AND status = 'sending' AND NOT id = ANY(?)
			RETURNING conversation_id, notification_id`, senderID, pgArray(inFlight)).Scan(&rows).Error
		if err != nil {
			return err
		}
		for i := range rows {
			if err := tx.publishMessage(&rows[i]); err != nil {
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
