package models

import (
	"context"
	"errors"
	"time"

	"parley/services/whatsapp"
)

// ConsentEvent is one opt-in or opt-out. The database refuses to change or delete it, and chains each
// to the one before it for the same contact.
type ConsentEvent struct {
	ID         int64
	ContactID  int64
	Kind       whatsapp.Consent // opted_in or opted_out
	Source     whatsapp.ConsentSource
	Proof      string
	Wording    string // what the person was shown
	ActorID    *int64
	Actor      *User
	ReceiptID  *int64
	OccurredAt time.Time
	RecordedAt time.Time `gorm:"default:now()"`
	PrevHash   []byte    `gorm:"->"`
	Hash       []byte    `gorm:"->"`
}

// RecordConsent writes a consent event and makes it the contact's consent, in one transaction.
// c must be locked; it is updated.
func (tx *Tx) RecordConsent(a Actor, c *Contact, e ConsentEvent) error {
	e.ContactID, e.ActorID = c.ID, a.ID
	if e.OccurredAt.IsZero() {
		e.OccurredAt = tx.now
	}
	if err := tx.Create(&e).Error; err != nil {
		return err
	}
	c.Consent, c.ConsentAt = e.Kind, &e.OccurredAt
	err := tx.Model(&Contact{}).Where("id = ?", c.ID).Updates(map[string]any{"consent": e.Kind, "consent_at": e.OccurredAt}).Error
	if err != nil {
		return err
	}
	word := map[whatsapp.Consent]string{whatsapp.OptedIn: "opted in", whatsapp.OptedOut: "opted out"}[e.Kind]
	return errors.Join(
		tx.Audit(a, "consent."+string(e.Kind), "contact", c.PublicID, c.Title()+" "+word, map[string]any{"source": e.Source}),
		tx.Tell("contacts", "contact-"+c.PublicID, "home"),
		tx.tellConversationsOf(c.ID))
}

func (tx *Tx) tellConversationsOf(contactID int64) error {
	var ids []string
	if err := tx.Model(&Conversation{}).Where("contact_id = ?", contactID).Pluck("public_id", &ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.Tell("conversation-" + id); err != nil {
			return err
		}
	}
	return nil
}

// ConsentHistory is a contact's events, latest first.
func (s *Store) ConsentHistory(ctx context.Context, contactID int64) ([]ConsentEvent, error) {
	var out []ConsentEvent
	return out, s.read(ctx).Joins("Actor").Where("contact_id = ?", contactID).Order("consent_events.id DESC").Find(&out).Error
}

// ConsentProblem is something about the ledger of consent that can't be so if nobody went around the program.
type ConsentProblem struct {
	EventID         int64 // 0 where the contact as a whole is meant
	ContactPublicID string
	What            string
}

// VerifyConsent looks through the whole ledger: each event's hash and its link to the one before, and
// whether each contact stands where the last event says, which finds events taken off the end. It returns how
// many events there are.
func (s *Store) VerifyConsent(ctx context.Context) (events int64, problems []ConsentProblem, err error) {
	if err := s.read(ctx).Model(&ConsentEvent{}).Count(&events).Error; err != nil {
		return 0, nil, err
	}
	return events, problems, s.read(ctx).Raw(`SELECT x.id AS event_id, c.public_id AS contact_public_id,
			CASE WHEN hash <> want THEN 'its content is not what was recorded' ELSE 'the event before it is not the one that was there' END AS what
		FROM (SELECT e.id, e.contact_id, e.hash, e.prev_hash, consent_event_hash(e) AS want, coalesce(lag(e.hash) OVER (PARTITION BY e.contact_id ORDER BY e.id), '') AS before FROM consent_events e) x
		JOIN contacts c ON c.id = x.contact_id WHERE hash <> want OR prev_hash <> before
		UNION ALL SELECT 0, c.public_id, 'the contact is ' || c.consent || ', and the last event says ' || coalesce(l.kind, 'nothing')
		FROM contacts c LEFT JOIN LATERAL (SELECT kind FROM consent_events e WHERE e.contact_id = c.id ORDER BY id DESC LIMIT 1) l ON true
		WHERE c.consent <> coalesce(l.kind, 'none') ORDER BY 1, 2`).Scan(&problems).Error
}

// ConsentChain are a contact's events, oldest first, with those whose hash or link is wrong.
func (s *Store) ConsentChain(ctx context.Context, contactID int64) (events []ConsentEvent, broken map[int64]bool, err error) {
	if err := s.read(ctx).Joins("Actor").Where("contact_id = ?", contactID).Order("consent_events.id").Find(&events).Error; err != nil {
		return nil, nil, err
	}
	var ids []int64
	err = s.read(ctx).Raw(`SELECT id FROM (SELECT e.id, e.hash, e.prev_hash, consent_event_hash(e) AS want, coalesce(lag(e.hash) OVER (ORDER BY e.id), '') AS before
		FROM consent_events e WHERE e.contact_id = ?) x WHERE hash <> want OR prev_hash <> before`, contactID).Scan(&ids).Error
	broken = map[int64]bool{}
	for _, id := range ids {
		broken[id] = true
	}
	return events, broken, err
}
