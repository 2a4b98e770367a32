package messaging

import (
	"time"

	"parley/models"
	"parley/models/conversations"
)

// justNow is how long a user's change of a conversation is protected against another user's key press.
const justNow = 5 * time.Second

// undoesAnother refuses a key press that would undo what another user has just decided: if two users press the same key
// within a second, the second one's page may already offer the opposite.
func undoesAnother(tx *models.Tx, c *conversations.Conversation, by conversations.By, want Change) error {
	if !want.ByKey || want.State == c.State {
		return nil
	}
	kind := conversations.EventState
	if want.Assign != nil {
		kind = conversations.EventAssigned
	}
	e, err := conversations.LatestDecision(tx, c.ID, kind)
	if err != nil || e == nil || e.User == nil || same(e.UserID, by.UserID) || tx.Now().Sub(e.CreatedAt) > justNow {
		return err
	}
	return anothersDecision(e)
}

// anothersDecision refuses a key press because of what another user has just done.
func anothersDecision(e *conversations.ConversationEvent) error {
	switch {
	case e.Kind == conversations.EventAssigned:
		return models.Conflict("conversation.just_assigned", "Name", e.User.Name)
	case e.After.State == conversations.ConversationResolved:
		return models.Conflict("conversation.just_resolved", "Name", e.User.Name)
	case e.After.State == conversations.ConversationSnoozed:
		return models.Conflict("conversation.just_snoozed", "Name", e.User.Name)
	default: // open
		return models.Conflict("conversation.just_opened", "Name", e.User.Name)
	}
}
