package messaging

import (
	"context"
	"crypto/rand"
	"slices"

	"parley/models"
	"parley/models/conversations"
	"parley/models/people"
	"parley/models/senders"
)

// Change is a change of conversations; what is nil or empty is not changed.
type Change struct {
	Assign   *string // a user's public id, "me", "next" (by round robin), or "" for nobody
	State    conversations.ConversationState
	Snooze   string   // with State snoozed: see SnoozeUntil
	Add      []string // labels' public ids
	Remove   []string
	Priority *conversations.Priority
	Unread   bool
	ByKey    bool // by a key, not by a click: see undoesAnother
}

// Changed is the result of a change. Batch undoes it.
type Changed struct {
	Batch string
	N     int
}

// MostAtOnce is how many conversations are changed in one go.
const MostAtOnce = 500

// ChangeConversations applies a change to all conversations or to none. It refuses unknown labels and users, and a
// snooze time in the past (field snooze).
func (s *Service) ChangeConversations(ctx context.Context, a models.Actor, ids []string, want Change) (Changed, error) {
	out := Changed{Batch: rand.Text()}
	slices.Sort(ids) // all transactions lock in the same order
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		return out, models.Conflict("conversation.none_chosen")
	case len(ids) > MostAtOnce:
		return out, models.Conflict("conversation.too_many_chosen")
	}
	err := models.Retry(func() error {
		out.N = 0
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			change, err := s.prepare(tx, a, want)
			if err != nil {
				return err
			}
			for _, id := range ids {
				c, err := conversations.ConversationForUpdate(tx, id)
				if err != nil {
					return err
				}
				if err := s.apply(tx, change, c, conversations.By{UserID: a.ID, Batch: out.Batch}); err != nil {
					return err
				}
				out.N++
			}
			return nil
		})
	})
	return out, err
}

// Undo restores what a batch changed, within an hour and if nobody has changed it since.
func (s *Service) Undo(ctx context.Context, a models.Actor, batch string) (undone, left int, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		undone, left, err = conversations.Undo(tx, conversations.By{UserID: a.ID, Rule: "undo"}, batch)
		return err
	})
	if err == nil && undone == 0 && left == 0 {
		err = models.Conflict("conversation.nothing_to_undo")
	}
	return undone, left, err
}

// Converse finds or starts the conversation of a contact with a sender.
func (s *Service) Converse(
	ctx context.Context,
	contactID string,
	sender *senders.Sender,
) (*conversations.Conversation, error) {
	var c *conversations.Conversation
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		contact, err := people.ContactForUpdate(tx, contactID)
		if err != nil {
			return err
		}
		c, err = conversations.ConversationWith(tx, contact, sender)
		return err
	})
	return c, err
}
