package people

import (
	"context"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/people"
	"parley/models/people/segments"
)

// Exported is what an export of contacts has: those of a filter, or some chosen ones.
type Exported struct {
	Filter segments.ContactFilter
	Chosen int
	Format string
}

// NoteExport records that contacts are exported.
func (s *Service) NoteExport(ctx context.Context, a models.Actor, e Exported) error {
	about := models.About("contacts", "").With(map[string]any{"filter": e.Filter, "chosen": e.Chosen})
	return s.note(ctx, a, entry{"contacts.exported", about, "Contacts were exported as " + e.Format})
}

// NoteSubjectAccess records that everything about a person, by public id, was exported.
func (s *Service) NoteSubjectAccess(ctx context.Context, a models.Actor, id string) error {
	about := models.About("contact", id)
	return s.note(ctx, a, entry{"contact.exported", about, "Everything about a person was exported"})
}

// NoteConsentExport records that a contact's record of consent was exported.
func (s *Service) NoteConsentExport(ctx context.Context, a models.Actor, c *people.Contact) error {
	about := models.About("contact", c.PublicID)
	return s.note(ctx, a, entry{"consent.exported", about, "The record of consent of " + c.Title() + " was exported"})
}

// entry is one of the audit.
type entry struct {
	action  string
	about   models.Subject
	summary string
}

func (s *Service) note(ctx context.Context, a models.Actor, e entry) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return models.Audit(tx, a, e.action, e.about, e.summary) })
}

// SaveReceiptDays sets for how many days the webhook inspector keeps accepted deliveries: 1 to 3650 (field days).
func (s *Service) SaveReceiptDays(ctx context.Context, a models.Actor, days int) error {
	if days < 1 || days > 3650 {
		return models.Invalid("days", "delivery.keep_days")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return receipts.SaveReceiptDays(tx, a, days) })
}
