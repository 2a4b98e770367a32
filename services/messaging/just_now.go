package messaging

import (
	"time"

	"parley/models"
)

// justNow is how long somebody's decision about a conversation stands against another's key.
const justNow = 5 * time.Second

// undoesAnother refuses a key that would undo what somebody else has just decided: two people press the same key within a
// second, and the page of the second one shows its opposite already.
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
	return models.Conflict(
		e.User.Name + " has just " + past(e) + ". Your key changed nothing; use the button if you want to.",
	)
}

func past(e *models.ConversationEvent) string {
	if e.Kind == "assigned" {
		return "changed who answers this chat"
	}
	switch e.After.State {
	case models.ConversationResolved:
		return "resolved this chat"
	case models.ConversationSnoozed:
		return "snoozed this chat"
	default: // open
		return "opened this chat again"
	}
}
