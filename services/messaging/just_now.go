package messaging

import (
	"time"

	"parley/models"
)

// justNow is how long somebody's decision about a conversation stands against another's key.
const justNow = 5 * time.Second

// undoesAnother refuses a key that would undo what somebody else has just decided: two people press the same key within
// a second, and the page of the second one shows its opposite already.
func undoesAnother(tx *models.Tx, c *models.Conversation, by models.By, want Change) error {
	if !want.ByKey || want.State == c.State {
		return nil
	}
	kind := models.EventState
	if want.Assign != nil {
		kind = models.EventAssigned
	}
	e, err := tx.LatestDecision(c.ID, kind)
	if err != nil || e == nil || e.User == nil || same(e.UserID, by.UserID) || tx.Now().Sub(e.CreatedAt) > justNow {
		return err
	}
	return anothersDecision(e)
}

// anothersDecision refuses a key because of what somebody else has just done.
func anothersDecision(e *models.ConversationEvent) error {
	switch {
	case e.Kind == models.EventAssigned:
		return models.Conflict("conversation.just_assigned", "Name", e.User.Name)
	case e.After.State == models.ConversationResolved:
		return models.Conflict("conversation.just_resolved", "Name", e.User.Name)
	case e.After.State == models.ConversationSnoozed:
		return models.Conflict("conversation.just_snoozed", "Name", e.User.Name)
	default: // open
		return models.Conflict("conversation.just_opened", "Name", e.User.Name)
	}
}
