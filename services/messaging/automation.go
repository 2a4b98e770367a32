package messaging

import (
	"fmt"
	"strings"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/inbox"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// news is what a message started.
type news struct {
	opened bool // the conversation is new, or was resolved
	rated  bool // it answers the rating question
}

// begin notes what a message starts, before the conversation itself is updated: a session, and, if the conversation is
// new or was resolved, the time of its targets.
func (s *Service) begin(a *arrivals.Arrival, rated bool) news {
	c, desk, now := a.Conversation, a.Desk, a.At
	if !c.WindowOpen(now) {
		c.WindowBeganAt = &now
	}
	n := news{opened: c.State == conversations.ConversationResolved || c.LastInboundAt == nil, rated: rated}
	if rated {
		return n
	}
	if n.opened || c.OpenedAt == nil {
		c.OpenedAt, c.RespondedAt, c.RespondBy, c.ResolveBy, c.OverdueToldAt = &now, nil, nil, nil, nil
		if desk.ResolveHrs > 0 {
			by := desk.Hours.Add(now, time.Duration(desk.ResolveHrs)*time.Hour)
			c.ResolveBy = &by
		}
	}
	if c.RespondedAt == nil && c.RespondBy == nil && desk.RespondMin > 0 {
		by := desk.Hours.Add(now, time.Duration(desk.RespondMin)*time.Minute)
		c.RespondBy = &by
	}
	return n
}

// byRule applies the settings when a person writes: the away message outside of business hours (once a session), else
// the greeting of a new conversation; and the assignment.
func (s *Service) byRule(tx *models.Tx, a *arrivals.Arrival, n news) error {
	c, desk := a.Conversation, a.Desk
	open := desk.Hours.Open(tx.Now())
	told := c.AwaySentAt != nil && c.WindowBeganAt != nil && !c.AwaySentAt.Before(*c.WindowBeganAt)
	switch {
	case a.Contact.Consent == whatsapp.OptedOut: // no automatic message to a person who opted out
	case !open && !told && desk.Away.Says() != "":
		now := tx.Now()
		c.AwaySentAt = &now
		if err := s.auto(tx, c, "away", desk.Away.Text); err != nil {
			return err
		}
	case open && n.opened && desk.Greeting.Says() != "":
		if err := s.auto(tx, c, "greeting", desk.Greeting.Text); err != nil {
			return err
		}
	}
	return s.assignByRule(tx, c, desk)
}

func (s *Service) assignByRule(tx *models.Tx, c *conversations.Conversation, desk conversations.InboxSettings) error {
	if !desk.Assign || c.AssigneeID != nil || c.State != conversations.ConversationOpen {
		return nil
	}
	id, err := inbox.NextAgent(tx, desk.AssignLimit)
	if err != nil || id == 0 {
		return err
	}
	if err := conversations.ChangeConversation(
		tx,
		conversations.By{Rule: "assign"},
		c,
		func(c *conversations.Conversation) { c.AssigneeID = &id },
	); err != nil {
		return err
	}
	return models.AddAlert(
		tx,
		[]int64{id},
		models.Alert{
			Tone:  whatsapp.ToneGood,
			Title: "A chat was assigned to you",
			Body:  c.Contact.Title() + ": " + c.LastLine,
			Href:  "/inbox/" + c.PublicID,
		},
	)
}

// auto queues a rule's message into the open session. The same check applies as for a user's reply: promise 1.
func (s *Service) auto(tx *models.Tx, c *conversations.Conversation, rule, text string) error {
	text = strings.TrimSpace(Fill(text, c.Contact, nil))
	if text == "" || mayWrite(c) != nil || reachable(tx, c, false) != nil || !c.WindowOpen(tx.Now()) {
		return nil
	}
	began := c.CreatedAt
	if c.OpenedAt != nil && rule == "greeting" {
		began = *c.OpenedAt
	} else if c.WindowBeganAt != nil {
		began = *c.WindowBeganAt
	}
	token := fmt.Sprintf("rule-%s-%s-%d", c.PublicID, rule, began.Unix())
	_, err := conversations.QueueMessage(
		tx,
		c,
		&conversations.Message{
			Body:     plaintext.Cut(text, whatsapp.MaxBody),
			Priority: conversations.PriorityReply,
			Token:    &token,
			Rule:     rule,
		},
	)
	return err
}

// alertAuthors alerts the authors of replies that were scheduled until the person writes: they have to confirm them
// now.
func (s *Service) alertAuthors(tx *models.Tx, c *conversations.Conversation, authors []int64) error {
	if len(authors) == 0 {
		return nil
	}
	return models.AddAlert(
		tx,
		authors,
		models.Alert{
			Tone:  whatsapp.ToneGood,
			Title: c.Contact.Title() + " has written again",
			Body:  "The reply that you kept can go out now.",
			Href:  "/inbox/" + c.PublicID,
		},
	)
}
