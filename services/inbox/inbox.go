// Package inbox changes what agents work with: the inbox's settings, labels, macros and canned replies.
package inbox

import (
	"context"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// Service changes them.
type Service struct{ store *models.Store }

// New makes the service.
func New(store *models.Store) *Service { return &Service{store} }

// SaveSettings stores what the inbox does automatically. The rating question's content at Twilio stays as it is.
func (s *Service) SaveSettings(ctx context.Context, a models.Actor, d conversations.InboxSettings) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		now, err := conversations.InboxSettingsForUpdate(tx)
		if err != nil {
			return err
		}
		d.RatingSid, d.RatingText = now.RatingSid, now.RatingText
		return conversations.SaveInboxSettings(tx, a, d)
	})
}

// SaveLabel adds a label or, with a public id, changes it. Refusals name name or color.
func (s *Service) SaveLabel(ctx context.Context, a models.Actor, l inbox.Label) error {
	if n := whatsapp.Length(l.Name); n == 0 || n > 40 {
		return models.Invalid("name", "label.name_length")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.SaveLabel(tx, a, l.PublicID, l.Name, l.Color) })
}

// DeleteLabel deletes a label and removes it from all conversations. Not found: the label.
func (s *Service) DeleteLabel(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.DeleteLabel(tx, a, id) })
}

// SaveMacro adds a macro or, with a public id, changes it.
func (s *Service) SaveMacro(ctx context.Context, a models.Actor, m inbox.Macro) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.SaveMacro(tx, a, m.PublicID, m.Name, m.Actions) })
}

// DeleteMacro deletes a macro. Not found: the macro.
func (s *Service) DeleteMacro(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.DeleteMacro(tx, a, id) })
}

// SaveCannedReply adds a canned reply or, with a public id, changes it. Everybody changes their own; those of all need
// the role of an operator.
func (s *Service) SaveCannedReply(ctx context.Context, a models.Actor, role models.Role, r inbox.CannedReply) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.SaveCannedReply(tx, a, role, r.PublicID, r) })
}

// DeleteCannedReply deletes a canned reply, with the same rights. Not found: the canned reply.
func (s *Service) DeleteCannedReply(ctx context.Context, a models.Actor, role models.Role, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.DeleteCannedReply(tx, a, role, id) })
}
