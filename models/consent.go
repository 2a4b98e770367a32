package models

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/whatsapp"
)

// ConsentEvent is one opt-in or opt-out. The database refuses to change or delete it, and chains each
// to the one before it for the same contact.
type ConsentEvent struct {
	ID         int64
	ContactID  int64
	Kind       whatsapp.Consent // opted_in, opted_out, or none: an earlier event is taken back
	Source     whatsapp.ConsentSource
	Scope      whatsapp.ConsentScope // empty: all senders
	Proof      string
	Wording    string // what the person was shown
	ActorID    *int64
	Actor      *User
	ReceiptID  *int64
	TopicID    *int64 // nil: everything
	Topic      *Topic
	FileID     *int64
	File       *ContactFile
	ImportID   *int64
	ErasedAt   *time.Time
	OccurredAt time.Time
	RecordedAt time.Time `gorm:"default:now()"`
	PrevHash   []byte    `gorm:"->"`
	Hash       []byte    `gorm:"->"`
}

// CountsFor is the scope that counts: who joined the Sandbox before events had a scope agreed to no more than that.
func (e *ConsentEvent) CountsFor() whatsapp.ConsentScope {
	if e.Kind == whatsapp.OptedIn && e.Source == whatsapp.SourceSandboxJoin {
		return whatsapp.ScopeSandbox
	}
	return cmp.Or(e.Scope, whatsapp.ScopeAll)
}

// ShownKind is what happened as lists show it: whatsapp.SandboxOnly for an opt-in to the Sandbox alone.
func (e *ConsentEvent) ShownKind() whatsapp.Consent {
	if e.CountsFor() == whatsapp.ScopeSandbox {
		return whatsapp.SandboxOnly
	}
	return e.Kind
}

// RecordConsent writes a consent event and makes it the contact's consent, in general or with the event's
// topic, in one transaction. c must be locked; it is updated. Joining the Sandbox says nothing against an opt-out and is
// not recorded after one.
func (tx *Tx) RecordConsent(a Actor, c *Contact, e ConsentEvent) error {
	if e.Source == whatsapp.SourceSandboxJoin && c.Consent == whatsapp.OptedOut {
		return nil
	}
	e.ContactID, e.ActorID, e.Scope = c.ID, a.ID, e.CountsFor()
	if e.OccurredAt.IsZero() {
		e.OccurredAt = tx.now
	}
	if err := tx.Omit("Actor", "Topic", "File").Create(&e).Error; err != nil {
		return err
	}
	about, err := tx.stands(c, &e)
	if err != nil {
		return err
	}
	if e.Kind == whatsapp.OptedOut {
		if err := tx.countOptOut(c.ID); err != nil {
			return err
		}
	}
	word := map[whatsapp.Consent]string{whatsapp.OptedIn: "opted in", whatsapp.OptedOut: "opted out", whatsapp.ConsentNone: "has no opt-in any more"}[e.Kind]
	if e.Scope == whatsapp.ScopeSandbox {
		about = " to the Sandbox only"
	}
	return errors.Join(
		tx.Audit(
			a,
			"consent."+string(e.Kind),
			"contact",
			c.PublicID,
			c.Title()+" "+word+about,
			map[string]any{"source": e.Source},
		),
		tx.Publish("contacts", "contact-"+c.PublicID, "home"),
		tx.publishConversationsOf(c.ID),
	)
}

// stands makes an event the contact's consent, in general or with a topic, and returns what it is about.
func (tx *Tx) stands(c *Contact, e *ConsentEvent) (about string, err error) {
	if e.TopicID == nil {
		c.setConsentState(c.ConsentState().After(e.Kind, e.Scope, e.OccurredAt))
		return "", tx.Model(&Contact{}).Where("id = ?", c.ID).Updates(map[string]any{
			"consent":       c.Consent,
			"consent_scope": c.ConsentScope,
			"consent_at":    c.ConsentAt,
			"opted_out_at":  c.OptedOutAt,
		}).Error
	}
	err = tx.Exec(`INSERT INTO contact_topics (contact_id, topic_id, consent, consent_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (contact_id, topic_id) DO UPDATE SET consent = excluded.consent, consent_at = excluded.consent_at`, c.ID, *e.TopicID, e.Kind, e.OccurredAt).Error
	if err == nil {
		err = tx.Raw("SELECT ' to ' || name FROM topics WHERE id = ?", *e.TopicID).Scan(&about).Error
	}
	return about, err
}

// BulkOptOut opts contacts out that are not yet, each with an event and an entry of the audit log of its own, in one
// statement each however many they are. The contacts must be locked. It returns how many were opted out.
func (tx *Tx) BulkOptOut(a Actor, contactIDs []int64, source whatsapp.ConsentSource, proof string) (int64, error) {
	args := map[string]any{
		"ids":     contactIDs,
		"actor":   a.ID,
		"name":    a.Name,
		"request": a.RequestID,
		"source":  source,
		"proof":   proof,
		"now":     tx.now,
		"live":    LiveChannel,
	}
	var ids []int64
	err := tx.Raw(`INSERT INTO consent_events (contact_id, kind, source, proof, actor_id, occurred_at) SELECT id, 'opted_out', CAST(@source AS text), CAST(@proof AS text), CAST(@actor AS bigint), @now
		FROM contacts WHERE id IN @ids AND consent <> 'opted_out' ORDER BY id RETURNING contact_id`, args).
		Scan(&ids).
		Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	args["ids"] = ids
	for _, q := range []string{
		"UPDATE contacts SET consent = 'opted_out', consent_scope = 'all', consent_at = @now, opted_out_at = NULL WHERE id IN @ids",
		`INSERT INTO audit_events (actor_id, actor_name, action, subject_type, subject_id, summary, changes, request_id) SELECT CAST(@actor AS bigint), CAST(@name AS text), 'consent.opted_out', 'contact', public_id,
			coalesce(nullif(name, ''), nullif(profile_name, ''), phone, 'Unknown person') || ' opted out', jsonb_build_object('source', CAST(@source AS text)), CAST(@request AS text) FROM contacts WHERE id IN @ids`,
		"SELECT pg_notify(@live, topic) FROM (SELECT 'contact-' || public_id AS topic FROM contacts WHERE id IN @ids UNION ALL SELECT 'conversation-' || public_id FROM conversations WHERE contact_id IN @ids) t",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), tx.Publish("contacts", "home")
}

func (tx *Tx) publishConversationsOf(contactID int64) error {
	var ids []string
	if err := tx.Model(&Conversation{}).Where("contact_id = ?", contactID).Pluck("public_id", &ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.Publish("conversation-" + id); err != nil {
			return err
		}
	}
	return nil
}

// family is a contact with those that were merged into it, at any depth.
const family = `WITH RECURSIVE family AS (SELECT CAST(? AS bigint) AS id UNION SELECT c.id FROM contacts c JOIN family f ON c.merged_into = f.id) `

// ConsentHistory is the events of a contact and of those that were merged into it, latest first.
func (s *Store) ConsentHistory(ctx context.Context, contactID int64) ([]ConsentEvent, error) {
	var ids []int64
	if err := s.read(ctx).Raw(familyIDs, contactID).Scan(&ids).Error; err != nil {
		return nil, err
	}
	var out []ConsentEvent
	err := s.read(ctx).
		Joins("Actor").
		Joins("Topic").
		Joins("File").
		Where("consent_events.contact_id IN ?", ids).
		Order("consent_events.id DESC").
		Find(&out).
		Error
	return out, err
}

// ConsentProblem is something about the ledger of consent that can't be so if nobody went around the program.
type ConsentProblem struct {
	EventID         int64 // 0 where the contact as a whole is meant
	ContactPublicID string
	What            string
}

// wrongEvent says of an event x, with its wanted hash, digest and predecessor, what is wrong with it.
const wrongEvent = `CASE WHEN x.hash IS DISTINCT FROM x.want OR x.erased_at IS NULL AND x.digest IS NOT NULL AND x.digest <> x.text_digest THEN 'its content is not what was recorded'
	WHEN x.erased_at IS NOT NULL AND c.gone <> 'erased' THEN 'its text was removed, and the person was not erased'
	WHEN x.prev_hash <> x.before THEN 'the event before it is not the one that was there' END`

const checkedEvents = `(SELECT e.id, e.contact_id, e.hash, e.prev_hash, e.digest, e.erased_at, consent_event_hash(e) AS want,
	CASE WHEN e.erased_at IS NULL AND e.digest IS NOT NULL THEN consent_event_digest(e) END AS text_digest,
	coalesce(lag(e.hash) OVER (PARTITION BY e.contact_id ORDER BY e.id), '') AS before FROM consent_events e) x JOIN contacts c ON c.id = x.contact_id`

// consentStateSQL is where each contact stands by its events, as whatsapp.ConsentState has it: the last event that is no opt-in
// for the Sandbox alone, and the last of these after it, which counts unless that one was an opt-in.
const consentStateSQL = `SELECT c.id, c.public_id, c.gone, c.consent, c.consent_scope, c.opted_out_at,
	CASE WHEN j.id IS NULL THEN coalesce(l.kind, 'none') ELSE 'opted_in' END AS want, CASE WHEN j.id IS NULL THEN 'all' ELSE 'sandbox' END AS want_scope,
	CASE WHEN j.id IS NOT NULL AND l.kind = 'opted_out' THEN l.occurred_at END AS want_out
	FROM contacts c
	LEFT JOIN LATERAL (SELECT id, kind, occurred_at FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND NOT ` + forSandboxOnly + ` ORDER BY id DESC LIMIT 1) l ON true
	LEFT JOIN LATERAL (SELECT id FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND ` + forSandboxOnly + `
		AND e.id > coalesce(l.id, 0) AND l.kind IS DISTINCT FROM 'opted_in' ORDER BY id DESC LIMIT 1) j ON true`

// forSandboxOnly is ConsentEvent.CountsFor in SQL.
const forSandboxOnly = "(e.kind = 'opted_in' AND (e.scope = 'sandbox' OR e.source = 'sandbox_join'))"

// VerifyConsent looks through the whole ledger: each event's text, hash and link to the one before, and
// whether each contact stands where the events say, in general and with each topic, which finds events taken
// off the end. It returns how many events there are.
func (s *Store) VerifyConsent(ctx context.Context) (events int64, problems []ConsentProblem, err error) {
	if err := s.read(ctx).Model(&ConsentEvent{}).Count(&events).Error; err != nil {
		return 0, nil, err
	}
	err = s.read(ctx).
		Raw(`SELECT x.id AS event_id, c.public_id AS contact_public_id, ` + wrongEvent + ` AS what FROM ` + checkedEvents + ` WHERE ` + wrongEvent + ` IS NOT NULL
		UNION ALL SELECT 0, c.public_id, 'the contact is ' || c.consent || ', and the last event says ' || CASE c.want WHEN 'none' THEN 'nothing' ELSE c.want END
		FROM (` + consentStateSQL + `) c WHERE c.consent <> c.want
		UNION ALL SELECT 0, c.public_id, 'the contact’s consent is for ' || c.consent_scope || ', and the events say ' || c.want_scope
		FROM (` + consentStateSQL + `) c WHERE c.consent = c.want AND c.consent_scope <> c.want_scope
		UNION ALL SELECT 0, c.public_id, 'the contact’s opt-out beside the Sandbox is not what the events say'
		FROM (` + consentStateSQL + `) c WHERE c.consent = c.want AND c.consent_scope = c.want_scope AND c.opted_out_at IS DISTINCT FROM c.want_out
		UNION ALL SELECT 0, c.public_id, 'the contact is ' || t.consent || ' to a topic, and the last event says ' || coalesce(l.kind, 'nothing')
		FROM contact_topics t JOIN contacts c ON c.id = t.contact_id LEFT JOIN LATERAL (SELECT kind FROM consent_events e WHERE e.contact_id = t.contact_id AND e.topic_id = t.topic_id ORDER BY id DESC LIMIT 1) l ON true
		WHERE c.gone = '' AND t.consent <> coalesce(l.kind, 'none') ORDER BY 1, 2`).
		Scan(&problems).
		Error
	return events, problems, err
}

// ConsentChain are the events of a contact and of those that were merged into it, oldest first, with those whose
// text, hash or link is wrong.
func (s *Store) ConsentChain(
	ctx context.Context,
	contactID int64,
) (events []ConsentEvent, broken map[int64]bool, err error) {
	if events, err = s.ConsentHistory(ctx, contactID); err != nil {
		return nil, nil, err
	}
	slices.Reverse(events)
	var ids []int64
	err = s.read(ctx).
		Raw(family+`SELECT x.id FROM (SELECT e.id, e.contact_id, e.hash, e.prev_hash, e.digest, e.erased_at, consent_event_hash(e) AS want,
		CASE WHEN e.erased_at IS NULL AND e.digest IS NOT NULL THEN consent_event_digest(e) END AS text_digest,
		coalesce(lag(e.hash) OVER (PARTITION BY e.contact_id ORDER BY e.id), '') AS before FROM consent_events e WHERE e.contact_id IN (SELECT id FROM family)) x
		JOIN contacts c ON c.id = x.contact_id WHERE `+wrongEvent+" IS NOT NULL", contactID).
		Scan(&ids).
		Error
	broken = map[int64]bool{}
	for _, id := range ids {
		broken[id] = true
	}
	return events, broken, err
}
