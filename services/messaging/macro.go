package messaging

import (
	"context"
	"crypto/rand"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
)

// MacroForm names a macro and the conversation that it runs in.
type MacroForm struct {
	ConversationID, MacroID string // public ids
	Token                   string // identifies the form: the same one twice writes one reply and one note
}

// RunMacro runs a macro's actions in one conversation: its reply and note first, then its changes. u is the user of the
// actor a: the macro's texts may contain their name.
func (s *Service) RunMacro(ctx context.Context, u *accounts.User, a models.Actor, f MacroForm) (Changed, error) {
	out := Changed{Batch: rand.Text(), N: 1}
	m, err := inbox.Read(s.store).MacroByPublicID(ctx, f.MacroID)
	if err != nil {
		return out, err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, f.ConversationID)
		if err != nil {
			return err
		}
		if m.Actions.Reply != "" {
			text := Fill(m.Actions.Reply, c.Contact, u)
			if gap := Unfilled(text); gap != "" {
				return models.Conflict("macro.unfilled", "Gap", gap, "Macro", m.Name)
			}
			if err := s.write(tx, a, c, ReplyForm{Text: text, Token: "macro-" + f.Token, Anyway: true}); err != nil {
				return err
			}
		}
		if m.Actions.Note != "" {
			note := NoteForm{Text: Fill(m.Actions.Note, c.Contact, u), Token: "macro-note-" + f.Token}
			if err := s.keepNote(tx, a, c, note); err != nil {
				return err
			}
		}
		change, err := s.prepare(tx, a, changeOf(m.Actions))
		if err != nil {
			return err
		}
		return s.apply(tx, change, c, conversations.By{UserID: a.ID, Batch: out.Batch})
	})
	return out, err
}

// changeOf is a macro's change of a conversation.
func changeOf(do inbox.MacroActions) Change {
	want := Change{
		State:    conversations.ConversationState(do.State),
		Snooze:   do.Snooze,
		Add:      do.Add,
		Remove:   do.Remove,
		Priority: do.Priority,
	}
	if do.Assign != "" {
		to := do.Assign
		if to == "nobody" {
			to = ""
		}
		want.Assign = &to
	}
	return want
}
