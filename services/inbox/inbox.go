// Package inbox changes what agents work with: the inbox's settings, labels, macros and canned replies.
package inbox

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// Service changes them.
type Service struct{ store *models.Store }

// New makes the service.
func New(store *models.Store) *Service { return &Service{store} }

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

// macroSnoozes are how long a macro can snooze a conversation.
var macroSnoozes = []string{"1h", "4h", "tomorrow", "reply"}

// SaveMacro adds a macro or, with a public id, changes it. Refusals name name, reply or state.
func (s *Service) SaveMacro(ctx context.Context, a models.Actor, m inbox.Macro) error {
	if err := checkMacro(m); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.SaveMacro(tx, a, m.PublicID, m.Name, m.Actions) })
}

func checkMacro(m inbox.Macro) error {
	var errs []error
	if n := whatsapp.Length(m.Name); n == 0 || n > 60 {
		errs = append(errs, models.Invalid("name", "macro.name_length"))
	}
	if whatsapp.Length(m.Actions.Reply) > whatsapp.MaxBody {
		errs = append(errs, models.Invalid("reply", "macro.reply_too_long"))
	}
	switch state := conversations.ConversationState(m.Actions.State); {
	case state == "", state == conversations.ConversationOpen, state == conversations.ConversationResolved:
	case state == conversations.ConversationSnoozed && slices.Contains(macroSnoozes, m.Actions.Snooze):
	default:
		errs = append(errs, models.Invalid("state", "macro.state_unknown"))
	}
	return errors.Join(errs...)
}

// DeleteMacro deletes a macro. Not found: the macro.
func (s *Service) DeleteMacro(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.DeleteMacro(tx, a, id) })
}

// shortcut is what a canned reply is called by, without its slash.
var shortcut = regexp.MustCompile(`^[a-z0-9_-]{1,30}$`)

func checkCannedReply(r inbox.CannedReply) error {
	var errs []error
	if !shortcut.MatchString(r.Shortcut) {
		errs = append(errs, models.Invalid("shortcut", "canned_reply.shortcut_form"))
	}
	if n := whatsapp.Length(r.Body); n == 0 || n > whatsapp.MaxBody {
		errs = append(errs, models.Invalid("body", "canned_reply.body_length", "Max", whatsapp.MaxBody, "Count", n))
	}
	return errors.Join(errs...)
}

// SaveCannedReply adds a canned reply or, with a public id, changes it. Everybody changes their own; those of all need
// the role of an operator. Refusals name shortcut or body.
func (s *Service) SaveCannedReply(ctx context.Context, a models.Actor, role models.Role, r inbox.CannedReply) error {
	if err := checkCannedReply(r); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.SaveCannedReply(tx, a, role, r.PublicID, r) })
}

// DeleteCannedReply deletes a canned reply, with the same rights. Not found: the canned reply.
func (s *Service) DeleteCannedReply(ctx context.Context, a models.Actor, role models.Role, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return inbox.DeleteCannedReply(tx, a, role, id) })
}
