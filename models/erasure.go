package models

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"parley/whatsapp"
)

// ErasureKey makes the hashes of erased people's addresses. It is made at the first need and kept in the
// settings: without it the hashes of phone numbers, of which there are few, could be tried out.
type ErasureKey []byte

// Hash is the keyed hash of an address's match.
func (k ErasureKey) Hash(match string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(match))
	return h.Sum(nil)
}

func (tx *Tx) erasureKey() (ErasureKey, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	text, err := json.Marshal(hex.EncodeToString(fresh))
	if err != nil {
		return nil, err
	}
	err = tx.Exec(`INSERT INTO settings (key, value) VALUES ('erasure_key', CAST(? AS jsonb))
		ON CONFLICT (key) DO NOTHING`, string(text)).Error
	if err != nil {
		return nil, err
	}
	var stored string
	if err := tx.Raw("SELECT value #>> '{}' FROM settings WHERE key = 'erasure_key'").Scan(&stored).Error; err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(stored)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("the setting erasure_key is damaged: %w", err)
	}
	return key, nil
}

// ErasureKey is the key if anybody was erased, else nil.
func (s *Store) ErasureKey(ctx context.Context) (key ErasureKey, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		var n int64
		if err := tx.Raw("SELECT count(*) FROM (SELECT 1 FROM erasures LIMIT 1) x").Scan(&n).Error; err != nil || n == 0 {
			return err
		}
		key, err = tx.erasureKey()
		return err
	})
	return key, err
}

// stayOptedOut opts a contact out that was just made at the address of an erased person.
func (tx *Tx) stayOptedOut(c *Contact, a whatsapp.Address) error {
	var n int64
	if err := tx.Raw("SELECT count(*) FROM (SELECT 1 FROM erasures LIMIT 1) x").Scan(&n).Error; err != nil || n == 0 {
		return err
	}
	key, err := tx.erasureKey()
	if err != nil {
		return err
	}
	if err := tx.Raw("SELECT count(*) FROM erasures WHERE hash = ?", key.Hash(a.Match())).
		Scan(&n).
		Error; err != nil ||
		n == 0 {
		return err
	}
	return tx.RecordConsent(System("Parley"), c, ConsentEvent{Kind: whatsapp.OptedOut, Source: whatsapp.SourceErasure,
		Proof: "This person was erased before and stays opted out until they opt in themselves."})
}

// Erase removes everything about a contact but what keeps the person opted out: a keyed hash of each address,
// and the consent events without their texts. It returns the files to delete from the media folder. c must be
// locked.
func (tx *Tx) Erase(a Actor, c *Contact) (files []string, err error) {
	var family []int64
	if err := tx.Raw(familyIDs, c.ID).Scan(&family).Error; err != nil {
		return nil, err
	}
	if c.Consent != whatsapp.OptedOut {
		err := tx.RecordConsent(a, c, ConsentEvent{
			Kind:   whatsapp.OptedOut,
			Source: whatsapp.SourceErasure,
			Proof:  "The person asked to be erased.",
		})
		if err != nil {
			return nil, err
		}
	}
	key, err := tx.erasureKey()
	if err != nil {
		return nil, err
	}
	var addresses []struct{ Match, Address string }
	err = tx.Raw("DELETE FROM contact_addresses WHERE contact_id IN ? RETURNING match, address", family).
		Scan(&addresses).
		Error
	if err != nil {
		return nil, err
	}
	var matches, written []string
	for _, at := range addresses {
		matches, written = append(matches, at.Match), append(written, at.Address)
	}
	for _, m := range matches {
		err := tx.Exec(`INSERT INTO erasures (contact_id, hash, erased_by) VALUES (?, ?, ?)
			ON CONFLICT (hash) DO NOTHING`, c.ID, key.Hash(m), a.ID).Error
		if err != nil {
			return nil, err
		}
	}
	if files, err = tx.eraseContent(family, matches, written); err != nil {
		return nil, err
	}
	err = tx.Exec(`UPDATE contacts SET gone = 'erased', merged_into = CASE WHEN id = @id THEN NULL ELSE merged_into END,
			name = '', profile_name = '', phone = NULL, language = '', country = '', time_zone = '', tags = '{}', fields = '{}',
			last_seen_at = NULL, window_closes_at = NULL, blocked_at = NULL, version = version + 1, updated_at = now()
		WHERE id IN @family`,
		map[string]any{"id": c.ID, "family": family}).Error
	if err != nil {
		return nil, err
	}
	err = tx.Exec(`UPDATE consent_events SET proof = '', wording = '', salt = NULL, receipt_id = NULL, erased_at = now()
		WHERE contact_id IN ? AND erased_at IS NULL`, family).Error
	if err != nil {
		return nil, err
	}
	c.Gone = Erased
	return files, errors.Join(tx.Audit(a, "contact.erased", "contact", c.PublicID,
		"A person was erased; a keyed hash keeps them opted out", map[string]any{"addresses": len(matches)}),
		tx.Publish("contacts", "contact-"+c.PublicID, "inbox", "home"))
}

const familyIDs = family + "SELECT id FROM family"

// eraseContent removes what the contacts wrote, were written, and what was noted about them.
func (tx *Tx) eraseContent(family []int64, matches, written []string) (files []string, err error) {
	at, err := tx.addressesInReceipts(family, written)
	if err != nil {
		return nil, err
	}
	args := map[string]any{
		"family":  family,
		"matches": append(matches, ""),
		"at":      append(at, ""),
		"also":    Texts(at).text(),
	}
	mine := "(SELECT m.id FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE v.contact_id IN @family)"
	theirs := "(SELECT id FROM conversations WHERE contact_id IN @family)"
	var found []string
	err = tx.Raw(`SELECT file FROM media_files WHERE file <> '' AND message_id IN `+mine+`
		UNION ALL SELECT thumb FROM media_files WHERE thumb <> '' AND message_id IN `+mine+`
		UNION ALL SELECT file FROM contact_files WHERE file <> '' AND contact_id IN @family`, args).Scan(&found).Error
	if err != nil {
		return nil, err
	}
	for _, q := range []string{
		"UPDATE webhook_receipts SET " + emptyReceipt + ", effect = 'Erased' WHERE message_sid IN " + sidsOfFamily,
		// those of messages that are not there, too
		"UPDATE webhook_receipts SET " + emptyReceipt + `, effect = 'Erased'
			WHERE person IN @at AND person <> '' OR also && CAST(@also AS text[]) AND also <> '{}'`,
		"UPDATE messages SET status = 'canceled', failed_at = now() WHERE status = 'queued' AND id IN " + mine,
		"DELETE FROM media_files WHERE message_id IN " + mine,
		"DELETE FROM drafts WHERE conversation_id IN " + theirs, "DELETE FROM reactions WHERE conversation_id IN " + theirs,
		`UPDATE later_replies SET body = 'erased', problem = '', state = CASE WHEN state = 'sent' THEN state ELSE 'canceled' END
			WHERE conversation_id IN ` + theirs,
		`UPDATE messages SET details = '{}', address_id = NULL, body = '', variables = '{}', latitude = NULL, longitude = NULL,
			label = '', hint = '', erased_at = now() WHERE id IN ` + mine,
		`UPDATE conversations SET address_id = NULL, window_closes_at = last_inbound_at, sandbox_joined_at = NULL, last_line = '',
			state = 'resolved', snoozed_until = NULL, waiting_since = NULL, unread_count = 0, assignee_id = NULL, updated_at = now()
			WHERE contact_id IN @family`,
		"DELETE FROM contact_notes WHERE contact_id IN @family",
		"UPDATE contact_files SET file = '', name = 'erased' WHERE contact_id IN @family",
		"DELETE FROM optin_requests WHERE match IN @matches",
		"DELETE FROM import_rows WHERE match IN @matches",
		`UPDATE import_refusals SET value = CASE WHEN value IN @at THEN '' ELSE value END, number = ''
			WHERE value IN @at AND value <> '' OR number IN @at AND number <> ''`,
		`UPDATE imports SET options = jsonb_set(options, '{confirmed}', (SELECT coalesce(jsonb_agg(n), '[]')
				FROM jsonb_array_elements_text(options->'confirmed') n WHERE n NOT IN @at))
			WHERE jsonb_exists_any(options->'confirmed', CAST(@also AS text[]))`,
		"DELETE FROM contact_topics WHERE contact_id IN @family",
		"UPDATE import_changes SET before = '{}' WHERE contact_id IN @family",
		`UPDATE audit_events SET summary = 'Something about a person who was erased', changes = '{}'
			WHERE subject_type = 'contact' AND subject_id IN (SELECT public_id FROM contacts WHERE id IN @family)`,
		`UPDATE audit_events SET summary = 'Something about a person who was erased', changes = '{}'
			WHERE subject_type = 'conversation' AND subject_id IN (SELECT public_id FROM conversations WHERE contact_id IN @family)`,
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return nil, err
		}
	}
	return found, nil
}
