package privacy

import (
	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

var (
	eraseContacts            = query("erase_contacts")
	eraseConversations       = query("erase_conversations")
	eraseFiles               = query("erase_files")
	eraseImportOptions       = query("erase_import_options")
	eraseMedia               = query("erase_media")
	eraseMessages            = query("erase_messages")
	eraseQueued              = query("erase_queued")
	eraseReceiptsOfAddresses = query("erase_receipts_of_addresses")
	eraseReceiptsOfMessages  = query("erase_receipts_of_messages")
)

// eraseSteps empty or remove what is known about the contacts @family with the addresses @at (@also, as an array) and
// their @matches, in this order.
var eraseSteps = []string{
	eraseReceiptsOfMessages,
	eraseReceiptsOfAddresses,
	eraseQueued,
	eraseMedia,
	"DELETE FROM drafts WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id IN @family)",
	"DELETE FROM reactions WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id IN @family)",
	`UPDATE later_replies SET body = 'erased', problem = '',
			state = CASE WHEN state = 'sent' THEN state ELSE 'canceled' END
		WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id IN @family)`,
	eraseMessages,
	eraseConversations,
	"DELETE FROM contact_notes WHERE contact_id IN @family",
	"UPDATE contact_files SET file = '', name = 'erased' WHERE contact_id IN @family",
	"DELETE FROM optin_requests WHERE match IN @matches",
	"DELETE FROM import_rows WHERE match IN @matches",
	`UPDATE import_refusals SET value = CASE WHEN value IN @at THEN '' ELSE value END, number = ''
		WHERE value IN @at AND value <> '' OR number IN @at AND number <> ''`,
	eraseImportOptions,
	"DELETE FROM contact_topics WHERE contact_id IN @family",
	"UPDATE import_changes SET before = '{}' WHERE contact_id IN @family",
	`UPDATE audit_events SET summary = 'Something about a person who was erased', changes = '{}'
		WHERE subject_type = 'contact' AND subject_id IN (SELECT public_id FROM contacts WHERE id IN @family)`,
	`UPDATE audit_events SET summary = 'Something about a person who was erased', changes = '{}'
		WHERE subject_type = 'conversation'
			AND subject_id IN (SELECT public_id FROM conversations WHERE contact_id IN @family)`,
}

// Erase removes everything about a contact except what keeps the person opted out: a keyed hash of each address, and
// the consent events without their texts. It returns the files to delete from the media folder. c must be locked.
func Erase(tx *models.Tx, a models.Actor, c *people.Contact) (files []string, err error) {
	family, err := people.Family(tx, c.ID)
	if err != nil {
		return nil, err
	}
	if c.Consent != whatsapp.OptedOut {
		err := people.RecordConsent(tx, a, c, people.ConsentEvent{
			Kind:   whatsapp.OptedOut,
			Source: whatsapp.SourceErasure,
			Proof:  "The person asked to be erased.",
		})
		if err != nil {
			return nil, err
		}
	}
	key, err := people.EnsureErasureKey(tx)
	if err != nil {
		return nil, err
	}
	var addresses []struct{ Match, Address string }
	err = base.DB(tx).Raw("DELETE FROM contact_addresses WHERE contact_id IN ? RETURNING match, address", family).
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
		err := base.DB(tx).Exec(`INSERT INTO erasures (contact_id, hash, erased_by) VALUES (?, ?, ?)
			ON CONFLICT (hash) DO NOTHING`, c.ID, key.Hash(m), a.ID).Error
		if err != nil {
			return nil, err
		}
	}
	if files, err = eraseContent(tx, family, matches, written); err != nil {
		return nil, err
	}
	err = base.DB(tx).Exec(eraseContacts, map[string]any{"id": c.ID, "family": family}).Error
	if err != nil {
		return nil, err
	}
	err = base.DB(tx).
		Exec(`UPDATE consent_events SET proof = '', wording = '', salt = NULL, receipt_id = NULL, erased_at = now()
		WHERE contact_id IN ? AND erased_at IS NULL`, family).
		Error
	if err != nil {
		return nil, err
	}
	c.Gone = people.Erased
	tx.Publish("contacts", "contact-"+c.PublicID, "inbox", "home")
	return files, models.Audit(
		tx,
		a,
		"contact.erased",
		models.About("contact", c.PublicID).With(map[string]any{"addresses": len(matches)}),
		"A person was erased; a keyed hash keeps them opted out",
	)
}

// eraseContent removes messages from and to the contacts, and notes about them.
func eraseContent(tx *models.Tx, family []int64, matches, written []string) (files []string, err error) {
	at, err := addressesInReceipts(tx, family, written)
	if err != nil {
		return nil, err
	}
	args := map[string]any{
		"family":  family,
		"matches": append(matches, ""),
		"at":      append(at, ""),
		"also":    models.Texts(at).Text(),
	}
	var found []string
	err = base.DB(tx).Raw(eraseFiles, args).Scan(&found).Error
	if err != nil {
		return nil, err
	}
	for _, q := range eraseSteps {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
			return nil, err
		}
	}
	return found, nil
}
