package messaging

import (
	"slices"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// preparedChange is a change whose labels and users have been looked up, once for all conversations.
type preparedChange struct {
	Change
	actor       models.Actor
	add, remove models.IDs
	until       *time.Time // with State snoozed; nil until the person writes
	desk        conversations.InboxSettings
	assign      func() (*int64, error) // who gets the next conversation
}

func (s *Service) prepare(tx *models.Tx, a models.Actor, want Change) (*preparedChange, error) {
	p := &preparedChange{Change: want, actor: a}
	var err error
	if p.add, err = inbox.LabelsByPublicID(tx, want.Add); err != nil {
		return nil, err
	}
	if p.remove, err = inbox.LabelsByPublicID(tx, want.Remove); err != nil {
		return nil, err
	}
	if p.desk, err = conversations.CurrentInboxSettings(tx); err != nil {
		return nil, err
	}
	zone, ok := models.LoadZone(p.desk.Hours.Zone) // a macro's "tomorrow" is in the business's time zone
	if !ok {
		zone = time.UTC
	}
	p.until, err = SnoozeUntil(want.Snooze, tx.Now(), zone)
	if want.State == conversations.ConversationSnoozed && err != nil {
		return nil, err
	}
	if err := want.check(); err != nil {
		return nil, err
	}
	p.assign, err = assignee(tx, a, want.Assign, p.desk)
	return p, err
}

// check refuses an unknown state or priority.
func (want Change) check() error {
	switch want.State {
	case "", conversations.ConversationOpen, conversations.ConversationSnoozed, conversations.ConversationResolved:
	default:
		return models.Invalid("state", "conversation.state_unknown")
	}
	if want.Priority != nil && !slices.Contains(conversations.Priorities(), *want.Priority) {
		return models.Invalid("priority", "conversation.priority_unknown")
	}
	return nil
}

// apply makes a change in one conversation.
func (s *Service) apply(tx *models.Tx, p *preparedChange, c *conversations.Conversation, by conversations.By) error {
	if err := undoesAnother(tx, c, by, p.Change); err != nil {
		return err
	}
	to := c.AssigneeID
	if p.Assign != nil {
		var err error
		if to, err = p.assign(); err != nil {
			return err
		}
	}
	resolved := p.State == conversations.ConversationResolved && c.State != conversations.ConversationResolved
	if to != nil && !same(to, c.AssigneeID) && !same(to, by.UserID) {
		if err := alertAssignee(tx, *to, c, p.actor); err != nil {
			return err
		}
	}
	err := conversations.ChangeConversation(tx, by, c, func(c *conversations.Conversation) {
		c.AssigneeID = to
		c.Labels = labelled(c.Labels, p.add, p.remove)
		if p.Priority != nil {
			c.Priority = *p.Priority
		}
		move(tx.Now(), c, p.State, p.until)
	})
	if err != nil {
		return err
	}
	if p.Unread {
		if err := conversations.UnreadConversation(tx, c); err != nil {
			return err
		}
	}
	if resolved {
		return s.askRating(tx, c, p.desk, by.UserID)
	}
	return nil
}

// alertAssignee alerts a user that a chat is assigned to them now.
func alertAssignee(tx *models.Tx, to int64, c *conversations.Conversation, by models.Actor) error {
	return models.AddAlert(tx, []int64{to}, models.Alert{
		Tone:  whatsapp.ToneGood,
		Title: by.Name + " assigned you a chat",
		Body:  c.Contact.Title() + ": " + c.LastLine,
		Href:  "/inbox/" + c.PublicID,
	})
}

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// move sets a conversation's state.
func move(now time.Time, c *conversations.Conversation, state conversations.ConversationState, until *time.Time) {
	switch state {
	case conversations.ConversationResolved:
		c.WaitingSince, c.FailedCount, c.UnreadCount = nil, 0, 0
	case conversations.ConversationOpen:
		if c.State == conversations.ConversationResolved {
			c.OpenedAt = &now
		}
	case conversations.ConversationSnoozed:
	default:
		return
	}
	c.State, c.SnoozedUntil = state, nil
	if state == conversations.ConversationSnoozed {
		c.SnoozedUntil = until
	}
}

func labelled(now, add, remove models.IDs) models.IDs {
	out := slices.Clone(now)
	for _, l := range add {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	out = slices.DeleteFunc(out, func(l int64) bool { return slices.Contains(remove, l) })
	slices.Sort(out)
	return out
}

// assignee returns a function that picks who gets each conversation.
func assignee(
	tx *models.Tx,
	a models.Actor,
	want *string,
	desk conversations.InboxSettings,
) (func() (*int64, error), error) {
	nobody := func() (*int64, error) { return nil, nil }
	switch {
	case want == nil || *want == "":
		return nobody, nil
	case *want == "me":
		return func() (*int64, error) { return a.ID, nil }, nil
	case *want == "next":
		return func() (*int64, error) {
			id, err := inbox.NextAgent(tx, desk.AssignLimit)
			if err == nil && id == 0 {
				err = models.Conflict("conversation.nobody_free")
			}
			return &id, err
		}, nil
	}
	u, err := accounts.UserForUpdate(tx, *want)
	if err != nil {
		return nil, err
	}
	if u.DisabledAt != nil {
		return nil, models.Conflict("conversation.assignee_disabled", "Name", u.Name)
	}
	return func() (*int64, error) { return &u.ID, nil }, nil
}
