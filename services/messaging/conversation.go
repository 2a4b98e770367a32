package messaging

import (
	"context"
	"errors"

	"parley/models"
)

// Assign gives a conversation to a user, or to nobody if userID is empty.
func (s *Service) Assign(ctx context.Context, a models.Actor, conversationID, userID string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		c.AssigneeID = nil
		who := "nobody"
		if userID != "" {
			u, err := tx.UserForUpdate(userID)
			if err != nil {
				return err
			}
			if u.DisabledAt != nil {
				return models.Conflict(u.Name + " can't sign in any more: choose somebody else.")
			}
			c.AssigneeID, who = &u.ID, u.Name
		}
		return errors.Join(tx.SaveConversation(c),
			tx.Audit(a, "conversation.assigned", "conversation", c.PublicID, "Assigned to "+who, nil))
	})
}

// SetState resolves a conversation or opens it again. A resolved one opens by itself when the person writes.
func (s *Service) SetState(ctx context.Context, a models.Actor, conversationID string, state models.ConversationState) error {
	if state != models.ConversationOpen && state != models.ConversationResolved {
		return models.Invalid("state", "Choose open or resolved.")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil || c.State == state {
			return err
		}
		c.State = state
		if state == models.ConversationResolved {
			c.WaitingSince, c.FailedCount, c.UnreadCount = nil, 0, 0
		}
		return errors.Join(tx.SaveConversation(c),
			tx.Audit(a, "conversation."+string(state), "conversation", c.PublicID, "The conversation was "+string(state), nil))
	})
}

// Converse finds or begins the conversation of a contact with a sender.
func (s *Service) Converse(ctx context.Context, contactID string, sender *models.Sender) (*models.Conversation, error) {
	var c *models.Conversation
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		contact, err := tx.ContactForUpdate(contactID)
		if err != nil {
			return err
		}
		c, err = tx.ConversationWith(contact, sender)
		return err
	})
	return c, err
}
