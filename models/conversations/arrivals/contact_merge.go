package arrivals

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

// knownAs notes that a contact with a number is also known by one of WhatsApp's user ids. If somebody else
// was known by it, the two are one person and are merged into the older contact, which is returned.
func knownAs(tx *models.Tx, c *people.Contact, userID string) (*people.Contact, error) {
	a := whatsapp.Address{ID: userID}
	if err := base.LockKey(tx, "address", a.Match()); err != nil {
		return nil, err
	}
	var other people.Contact
	err := base.DB(tx).Clauses(base.ForUpdate).
		Where("id = (SELECT contact_id FROM contact_addresses WHERE match = ?)", a.Match()).
		Take(&other).
		Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		if err := people.AddAddress(tx, c.ID, a); err != nil || c.Consent != whatsapp.ConsentNone {
			return c, err
		}
		return c, people.KeepOptedOut(tx, c, a) // an erased person may come back under the id alone
	case err != nil || other.ID == c.ID:
		return c, err
	}
	keep, drop := c, &other
	if drop.ID < keep.ID {
		keep, drop = drop, keep
	}
	return keep, Merge(tx, models.System("WhatsApp"), keep, drop)
}

// GiveNumber adds a number to a contact that has none. If another contact has the number, that is a conflict: see
// Merge.
func GiveNumber(tx *models.Tx, a models.Actor, c *people.Contact, phone string) error {
	addr := whatsapp.Address{Phone: phone}
	if err := base.LockKey(tx, "address", addr.Match()); err != nil {
		return err
	}
	var n int64
	if err := base.DB(tx).Table("contact_addresses").Where("match = ?", addr.Match()).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return models.Invalid("phone", "contact.number_of_another")
	}
	c.Phone, c.Country = &phone, people.CountryOf(phone)
	if err := people.AddAddress(tx, c.ID, addr); err != nil {
		return err
	}
	return people.KeepOptedOut(tx, c, addr)
}

var (
	mergeWindows       = query("merge_windows")
	mergeConversations = query("merge_conversations")
	mergeTopics        = query("merge_topics")
	mergedSurvivors    = query("merged_survivors")
)

// mergeSteps move everything of the dropped contact to the one that is kept, in this order. If both have a conversation
// with the same sender, the dropped contact's conversation is emptied into the other one.
var mergeSteps = []string{
	"UPDATE contact_addresses SET contact_id = @keep WHERE contact_id = @drop",
	"UPDATE contact_notes SET contact_id = @keep WHERE contact_id = @drop",
	"UPDATE contact_files SET contact_id = @keep WHERE contact_id = @drop",
	movedSQL("messages"),
	movedSQL("conversation_events"),
	movedSQL("mentions"),
	movedSQL("later_replies"),
	movedSQL("ratings"),
	movedSQL("reactions"),
	movedSQL("address_windows"),
	mergeWindows,
	mergeConversations,
	`DELETE FROM conversations d WHERE contact_id = @drop AND EXISTS (
		SELECT 1 FROM conversations k WHERE k.contact_id = @keep AND k.sender_id = d.sender_id)`,
	"UPDATE conversations SET contact_id = @keep WHERE contact_id = @drop",
}

// movedSQL moves a table's rows from a dropped conversation to the one that is kept. A statement can't take a table's
// name as a value, so it is inserted when the program starts.
func movedSQL(table string) string {
	return "UPDATE " + table + ` x SET conversation_id = k.id
		FROM conversations d JOIN conversations k ON k.sender_id = d.sender_id AND k.contact_id = @keep
		WHERE d.contact_id = @drop AND x.conversation_id = d.id`
}

// Merge makes two contacts one. keep gets drop's addresses, conversations, notes and files, and the profile values that
// it has none of; an opt-out of either counts. The other stays as a row with its consent events. Both must be locked.
func Merge(tx *models.Tx, a models.Actor, keep, drop *people.Contact) error {
	if keep.ID == drop.ID {
		return models.Conflict("contact.cannot_merge_with_itself")
	}
	if keep.Phone != nil && drop.Phone != nil && whatsapp.MatchPhone(*keep.Phone) == whatsapp.MatchPhone(*drop.Phone) {
		drop.Phone = nil
	}
	args := map[string]any{"keep": keep.ID, "drop": drop.ID}
	for _, q := range mergeSteps {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
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
	if err := mergeProfile(tx, keep, drop); err != nil {
		return err
	}
	if err := mergeConsent(tx, a, keep, drop); err != nil {
		return err
	}
	err := base.DB(tx).Exec(`UPDATE contacts SET gone = 'merged', merged_into = ?, phone = NULL, window_closes_at = NULL,
		version = version + 1, updated_at = now() WHERE id = ?`, keep.ID, drop.ID).Error
	if err != nil {
		return err
	}
	if err := models.Audit(
		tx,
		a,
		"contact.merged",
		models.About("contact", keep.PublicID).With(before),
		keep.Title()+" was merged with "+drop.Title(),
	); err != nil {
		return err
	}
	tx.Publish("contacts", "inbox", "contact-"+keep.PublicID, "contact-"+drop.PublicID)
	return models.Audit(
		tx,
		a,
		"contact.merged",
		models.About("contact", drop.PublicID),
		drop.Title()+" was merged into "+keep.Title(),
	)
}

func mergeProfile(tx *models.Tx, keep, drop *people.Contact) error {
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
		keep.Fields = people.Fields{}
	}
	for k, v := range drop.Fields {
		if _, ok := keep.Fields[k]; !ok {
			keep.Fields[k] = v
		}
	}
	keep.LastSeenAt = later(keep.LastSeenAt, drop.LastSeenAt)
	keep.WindowClosesAt = later(keep.WindowClosesAt, drop.WindowClosesAt)
	if keep.BlockedAt == nil {
		keep.BlockedAt = drop.BlockedAt // who was blocked under one address is blocked
	}
	keep.Version++
	keep.UpdatedAt = tx.Now()
	return base.DB(tx).Save(keep).Error
}

// mergeConsent merges the consent of two contacts: an opt-out of either counts, then an opt-in for all senders, then
// one for the Sandbox alone. For a topic an opt-out counts, else the later event.
func mergeConsent(tx *models.Tx, a models.Actor, keep, drop *people.Contact) error {
	var topics []struct {
		TopicID   int64
		Consent   whatsapp.Consent
		ConsentAt time.Time
	}
	err := base.DB(tx).Raw(mergeTopics, map[string]any{"keep": keep.ID, "drop": drop.ID}).Scan(&topics).Error
	if err != nil {
		return err
	}
	proof := "Merged with the contact " + drop.PublicID + ", whose own record says so."
	for _, t := range topics {
		e := people.ConsentEvent{
			Kind:       t.Consent,
			TopicID:    &t.TopicID,
			Source:     whatsapp.SourceMerge,
			Proof:      proof,
			OccurredAt: t.ConsentAt,
		}
		if err := people.RecordConsent(tx, a, keep, e); err != nil {
			return err
		}
	}
	record := func(kind whatsapp.Consent, scope whatsapp.ConsentScope, at time.Time) error {
		return people.RecordConsent(
			tx,
			a,
			keep,
			people.ConsentEvent{Kind: kind, Source: whatsapp.SourceMerge, Scope: scope, Proof: proof, OccurredAt: at},
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

// Survivors finds and locks the contacts with the public ids. For a merged contact it finds the one that it was merged
// into; other contacts that are gone are left out.
func Survivors(tx *models.Tx, publicIDs []string) ([]people.Contact, error) {
	var out []people.Contact
	err := base.DB(tx).Clauses(base.ForUpdate).
		Where("gone = '' AND id IN (@survivors)", map[string]any{
			"survivors": clause.NamedExpr{SQL: mergedSurvivors, Vars: []any{map[string]any{"ids": publicIDs}}},
		}).
		Order("id").
		Find(&out).
		Error
	return out, err
}
