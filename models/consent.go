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

// BrokenConsentChains are the ids of events whose hash, or whose link to the event before, is not
// what their content says: somebody went around the program.
func (s *Store) BrokenConsentChains(ctx context.Context) ([]int64, error) {
	var out []int64
	return out, s.read(ctx).Raw(`SELECT id FROM (SELECT e.id, e.hash, e.prev_hash, consent_event_hash(e) AS want,
			coalesce(lag(e.hash) OVER (PARTITION BY e.contact_id ORDER BY e.id), '') AS before FROM consent_events e) x
		WHERE hash <> want OR prev_hash <> before ORDER BY id`).Scan(&out).Error
}
