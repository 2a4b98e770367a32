package contacts

import (
	"context"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/people"
	"parley/models/people/segments"
)

// NoteExport records that contacts are exported: those of a filter, or n chosen ones.
func (s *Service) NoteExport(ctx context.Context, a models.Actor, f segments.ContactFilter, n int, format string) error {
	about := models.About("contacts", "").With(map[string]any{"filter": f, "chosen": n})
	return s.note(ctx, a, "contacts.exported", about, "Contacts were exported as "+format)
}

// NoteSubjectAccess records that everything about a person, by public id, was exported.
func (s *Service) NoteSubjectAccess(ctx context.Context, a models.Actor, id string) error {
	about := models.About("contact", id)
	return s.note(ctx, a, "contact.exported", about, "Everything about a person was exported")
}

// NoteConsentExport records that a contact's record of consent was exported.
func (s *Service) NoteConsentExport(ctx context.Context, a models.Actor, c *people.Contact) error {
	about := models.About("contact", c.PublicID)
	return s.note(ctx, a, "consent.exported", about, "The record of consent of "+c.Title()+" was exported")
}

func (s *Service) note(ctx context.Context, a models.Actor, action string, about models.Subject, summary string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return models.Audit(tx, a, action, about, summary) })
}

// SaveReceiptDays sets for how many days the webhook inspector keeps accepted deliveries: 1 to 3650 (field days).
func (s *Service) SaveReceiptDays(ctx context.Context, a models.Actor, days int) error {
	if days < 1 || days > 3650 {
		return models.Invalid("days", "delivery.keep_days")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return receipts.SaveReceiptDays(tx, a, days) })
}
