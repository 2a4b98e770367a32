package models

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"parley/whatsapp"
)

// KnownAs notes that a contact with a number is also known by one of WhatsApp's user ids. If somebody else
// was known by it, the two are one person and are merged into the older contact, which is returned.
func (tx *Tx) KnownAs(c *Contact, userID string) (*Contact, error) {
	a := whatsapp.Address{ID: userID}
	if err := tx.lockKey("address", a.Match()); err != nil {
		return nil, err
	}
	var other Contact
	err := tx.Clauses(forUpdate).
		Where("id = (SELECT contact_id FROM contact_addresses WHERE match = ?)", a.Match()).
		Take(&other).
		Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		if err := tx.addAddress(c.ID, a); err != nil || c.Consent != whatsapp.ConsentNone {
			return c, err
		}
		return c, tx.stayOptedOut(c, a) // an erased person may come back under the id alone
	case err != nil || other.ID == c.ID:
		return c, err
	}
	keep, drop := c, &other
	if drop.ID < keep.ID {
		keep, drop = drop, keep
	}
	return keep, tx.Merge(System("WhatsApp"), keep, drop)
}

// GiveNumber adds a number to a contact that has none. If somebody else has the number, that is a conflict: see Merge.
func (tx *Tx) GiveNumber(a Actor, c *Contact, phone string) error {
	addr := whatsapp.Address{Phone: phone}
	if err := tx.lockKey("address", addr.Match()); err != nil {
		return err
	}
	var n int64
	if err := tx.Table("contact_addresses").Where("match = ?", addr.Match()).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return Invalid("phone", "Another contact has this number: merge the two instead.")
	}
	c.Phone, c.Country = &phone, CountryOf(phone)
	return errors.Join(tx.addAddress(c.ID, addr), tx.stayOptedOut(c, addr))
}

// Merge makes two contacts one. keep gets the other's addresses, conversations, notes, files and what it lacks
// itself; an opt-out of either counts. The other stays as a row with its consent events. Both must be locked.
func (tx *Tx) Merge(a Actor, keep, drop *Contact) error {
	if keep.ID == drop.ID {
		return Conflict("A contact can't be merged with itself.")
	}
	if keep.Phone != nil && drop.Phone != nil && whatsapp.MatchPhone(*keep.Phone) == whatsapp.MatchPhone(*drop.Phone) {
		drop.Phone = nil
	}
	args := map[string]any{"keep": keep.ID, "drop": drop.ID}
	for _, q := range []string{
		"UPDATE contact_addresses SET contact_id = @keep WHERE contact_id = @drop",
		"UPDATE contact_notes SET contact_id = @keep WHERE contact_id = @drop",
		"UPDATE contact_files SET contact_id = @keep WHERE contact_id = @drop",
		// a conversation with a sender that the other has one with too gives its messages to that one
		`UPDATE messages m SET conversation_id = k.id FROM conversations d JOIN conversations k ON k.sender_id = d.sender_id AND k.contact_id = @keep WHERE d.contact_id = @drop AND m.conversation_id = d.id`,
		movedSQL("conversation_events"), movedSQL("mentions"), movedSQL("later_replies"), movedSQL("ratings"), movedSQL("reactions"),
		movedSQL("address_windows"),
		// it answers the address that wrote last; what waits for the other one is judged by that one's own 24 hours
		`INSERT INTO address_windows (address_id, conversation_id, window_closes_at, sandbox_joined_at)
			SELECT x.id, k.id, w.closes, w.joined FROM conversations d JOIN conversations k ON k.sender_id = d.sender_id AND k.contact_id = @keep
			CROSS JOIN LATERAL (VALUES (k.address_id, k.window_closes_at, k.sandbox_joined_at), (d.address_id, d.window_closes_at, d.sandbox_joined_at)) w (address, closes, joined)
			JOIN contact_addresses o ON o.id = w.address JOIN contact_addresses x ON x.id = o.id OR x.id = o.number_id OR x.number_id = o.id
			WHERE d.contact_id = @drop` + upsertWindow,
		`UPDATE conversations k SET address_id = CASE WHEN ` + newerSQL + ` THEN d.address_id ELSE k.address_id END, window_closes_at = CASE WHEN ` + newerSQL + ` THEN d.window_closes_at ELSE k.window_closes_at END,
			sandbox_joined_at = CASE WHEN ` + newerSQL + ` THEN d.sandbox_joined_at ELSE k.sandbox_joined_at END, last_inbound_at = greatest(k.last_inbound_at, d.last_inbound_at),
			waiting_since = least(k.waiting_since, d.waiting_since), unread_count = k.unread_count + d.unread_count, failed_count = k.failed_count + d.failed_count,
			last_line = CASE WHEN coalesce(d.last_message_at, '-infinity') > coalesce(k.last_message_at, '-infinity') THEN d.last_line ELSE k.last_line END,
			last_direction = CASE WHEN coalesce(d.last_message_at, '-infinity') > coalesce(k.last_message_at, '-infinity') THEN d.last_direction ELSE k.last_direction END,
			last_message_at = greatest(k.last_message_at, d.last_message_at), assignee_id = coalesce(k.assignee_id, d.assignee_id),
			labels = ARRAY(SELECT DISTINCT l FROM unnest(k.labels || d.labels) l ORDER BY 1), priority = greatest(k.priority, d.priority), session_began_at = least(k.session_began_at, d.session_began_at),
			state = CASE WHEN 'open' IN (k.state, d.state) THEN 'open' ELSE k.state END, snoozed_until = CASE WHEN 'open' IN (k.state, d.state) THEN NULL ELSE k.snoozed_until END, version = k.version + 1, updated_at = now()
			FROM conversations d WHERE d.contact_id = @drop AND k.contact_id = @keep AND d.sender_id = k.sender_id`,
		"DELETE FROM conversations d WHERE contact_id = @drop AND EXISTS (SELECT 1 FROM conversations k WHERE k.contact_id = @keep AND k.sender_id = d.sender_id)",
		"UPDATE conversations SET contact_id = @keep WHERE contact_id = @drop",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	before := map[string]any{
		"name":         drop.Name,
		"profile_name": drop.ProfileName,
		"fields":       drop.Fields,
		"consent":      drop.Consent,
		"contact":      drop.PublicID,
	}
	if drop.Phone != nil {
		before["phone"] = *drop.Phone
	}
	if err := tx.mergeProfile(keep, drop); err != nil {
		return err
	}
	if err := tx.mergeConsent(a, keep, drop); err != nil {
		return err
	}
	return errors.Join(
		tx.Exec(
			"UPDATE contacts SET gone = 'merged', merged_into = ?, phone = NULL, window_closes_at = NULL, version = version + 1, updated_at = now() WHERE id = ?",
			keep.ID,
			drop.ID,
		).Error,
		tx.Audit(a, "contact.merged", "contact", keep.PublicID, keep.Title()+" was merged with "+drop.Title(), before),
		tx.Audit(a, "contact.merged", "contact", drop.PublicID, drop.Title()+" was merged into "+keep.Title(), nil),
		tx.Publish(
			"contacts",
			"inbox",
			"contact-"+keep.PublicID,
			"contact-"+drop.PublicID,
		),
		tx.publishConversationsOf(keep.ID),
	)
}

// newerSQL reports whether the person wrote in the dropped conversation last.
const newerSQL = "coalesce(d.last_inbound_at, '-infinity') > coalesce(k.last_inbound_at, '-infinity')"

// movedSQL gives what belongs to a dropped conversation to the one that is kept.
func movedSQL(table string) string {
	return "UPDATE " + table + ` x SET conversation_id = k.id FROM conversations d JOIN conversations k ON k.sender_id = d.sender_id AND k.contact_id = @keep WHERE d.contact_id = @drop AND x.conversation_id = d.id`
}

func (tx *Tx) mergeProfile(keep, drop *Contact) error {
	first := func(a *string, b string) {
		if *a == "" {
			*a = b
		}
	}
	first(&keep.Name, drop.Name)
	first(&keep.ProfileName, drop.ProfileName)
	first(&keep.Language, drop.Language)
	first(&keep.TimeZone, drop.TimeZone)
	if keep.Phone == nil && drop.Phone != nil {
		keep.Phone, keep.Country = drop.Phone, drop.Country
	}
	for _, t := range drop.Tags {
		if !slices.Contains(keep.Tags, t) {
			keep.Tags = append(keep.Tags, t)
		}
	}
	if keep.Fields == nil {
		keep.Fields = Fields{}
	}
	for k, v := range drop.Fields {
		if _, ok := keep.Fields[k]; !ok {
			keep.Fields[k] = v
		}
	}
	keep.LastSeenAt, keep.WindowClosesAt = later(
		keep.LastSeenAt,
		drop.LastSeenAt,
	), later(
		keep.WindowClosesAt,
		drop.WindowClosesAt,
	)
	if keep.BlockedAt == nil {
		keep.BlockedAt = drop.BlockedAt // who was blocked under one address is blocked
	}
	keep.Version++
	keep.UpdatedAt = time.Now()
	return tx.Save(keep).Error
}

// mergeConsent lets an opt-out of either count, then an opt-in for all senders before one for the Sandbox alone. With
// topics, an opt-out counts, and else the later word.
func (tx *Tx) mergeConsent(a Actor, keep, drop *Contact) error {
	var topics []struct {
		TopicID   int64
		Consent   whatsapp.Consent
		ConsentAt time.Time
	}
	err := tx.Raw(`SELECT d.topic_id, d.consent, d.consent_at FROM contact_topics d LEFT JOIN contact_topics k ON k.topic_id = d.topic_id AND k.contact_id = ?
		WHERE d.contact_id = ? AND d.consent <> 'none' AND (k.contact_id IS NULL OR k.consent <> d.consent AND (d.consent = 'opted_out' OR k.consent <> 'opted_out' AND d.consent_at > k.consent_at))`, keep.ID, drop.ID).
		Scan(&topics).
		Error
	if err != nil {
		return err
	}
	proof := "Merged with the contact " + drop.PublicID + ", whose own record says so."
	for _, t := range topics {
		e := ConsentEvent{
			Kind:       t.Consent,
			TopicID:    &t.TopicID,
			Source:     whatsapp.SourceMerge,
			Proof:      proof,
			OccurredAt: t.ConsentAt,
		}
		if err := tx.RecordConsent(a, keep, e); err != nil {
			return err
		}
	}
	record := func(kind whatsapp.Consent, scope whatsapp.ConsentScope, at time.Time) error {
		return tx.RecordConsent(
			a,
			keep,
			ConsentEvent{Kind: kind, Source: whatsapp.SourceMerge, Scope: scope, Proof: proof, OccurredAt: at},
		)
	}
	if drop.OptedOutAt != nil && !keep.StaysOut() {
		if err := record(whatsapp.OptedOut, whatsapp.ScopeAll, *drop.OptedOutAt); err != nil {
			return err
		}
		return record(whatsapp.OptedIn, whatsapp.ScopeSandbox, *drop.ConsentAt)
	}
	wider := keep.Consent == whatsapp.ConsentNone ||
		drop.ConsentScope == whatsapp.ScopeAll && keep.ConsentScope == whatsapp.ScopeSandbox && !keep.StaysOut()
	if drop.Consent == whatsapp.OptedOut && keep.Consent != whatsapp.OptedOut ||
		drop.Consent == whatsapp.OptedIn && wider {
		return record(drop.Consent, drop.ConsentScope, *drop.ConsentAt)
	}
	return nil
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

// Survivors finds and locks the contacts with the public ids. One that was merged stands for the one that is left of it;
// others that are gone are left out.
func (tx *Tx) Survivors(publicIDs []string) ([]Contact, error) {
	var out []Contact
	err := tx.Clauses(forUpdate).
		Where(`gone = '' AND id IN (WITH RECURSIVE up AS (SELECT id, merged_into FROM contacts WHERE public_id IN ?
		UNION SELECT c.id, c.merged_into FROM contacts c JOIN up ON c.id = up.merged_into) SELECT id FROM up)`, publicIDs).
		Order("id").
		Find(&out).
		Error
	return out, err
}
