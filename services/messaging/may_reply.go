package messaging

import (
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/whatsapp"
)

// mayReply refuses a reply that may not be sent now, else returns its recipient.
func (s *Service) mayReply(
	tx *models.Tx, a models.Actor, c *conversations.Conversation, f ReplyForm,
) (to conversations.Recipient, err error) {
	if f.Contact != "" && f.Contact != c.Contact.PublicID {
		return to, &models.Error{
			Kind:  models.KindConflict,
			Field: "body",
			Code:  "message.contact_changed",
			Args:  models.Args{"Name": c.Contact.Title()},
		}
	}
	if err := s.mayAnswer(tx, a, c); err != nil {
		return to, err
	}
	if f.To == (whatsapp.Address{}) {
		if err := reachable(tx, c, false); err != nil {
			return to, err
		}
	}
	if to, err = recipientOf(tx, c, f.To); err != nil {
		return to, err
	}
	if err := joined(tx, c, to); err != nil {
		return to, err
	}
	if !to.WindowOpen(tx.Now()) {
		return to, windowClosed(c.Contact.Title())
	}
	return to, collision(tx, a, c, f)
}

// mayAnswer is mayWrite for a user: if the settings say so, only the assignee may reply.
func (s *Service) mayAnswer(tx *models.Tx, a models.Actor, c *conversations.Conversation) error {
	if err := mayWrite(c); err != nil {
		return err
	}
	others, err := answeredByOthers(tx, a, c)
	if err != nil || !others {
		return err
	}
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "body",
		Code:  "message.assignee_only",
	}
}

// answeredByOthers reports whether the settings forbid a user to reply in the chat, whether or not anything can be sent
// now.
func answeredByOthers(tx *models.Tx, a models.Actor, c *conversations.Conversation) (bool, error) {
	if c.AssigneeID == nil || a.ID == nil || *c.AssigneeID == *a.ID {
		return false, nil
	}
	desk, err := conversations.CurrentInboxSettings(tx)
	return desk.OnlyAssignee, err
}

// reachable refuses to send to an address in a form that Parley does not know. A template goes to the contact's number
// instead, if there is one.
func reachable(tx *models.Tx, c *conversations.Conversation, template bool) error {
	address, elsewhere, err := conversations.Unanswerable(tx, c)
	switch {
	case err != nil || address == "" || elsewhere && template:
		return err
	case elsewhere:
		return models.Conflict("message.template_only", "Name", c.Contact.Title())
	}
	return models.Conflict("message.no_number", "Name", c.Contact.Title())
}

func mayWrite(c *conversations.Conversation) error {
	switch {
	case c.Contact.BlockedAt != nil:
		return models.Conflict("contact.blocked", "Name", c.Contact.Title())
	case c.Sender.State != whatsapp.SenderOnline:
		return models.Conflict("sender.offline", "Sender", c.Sender.Name)
	}
	return nil
}

// collision warns of a reply that another user sent after the page was opened.
func collision(tx *models.Tx, a models.Actor, c *conversations.Conversation, f ReplyForm) error {
	if f.Anyway || f.Token == "" || a.ID == nil {
		return nil
	}
	last, err := conversations.LastByOther(tx, c.ID, a.ID)
	if err != nil || last == nil || last.PublicID == f.Seen || tx.Now().Sub(last.CreatedAt) > collisionFor {
		return err
	}
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "collision",
		Code:  "message.answered_meanwhile",
		Args:  models.Args{"Name": last.Author.Name, "Text": whatsapp.Plain(last.Body, 120)},
	}
}

// collisionFor is how long another user's reply causes the warning.
const collisionFor = 15 * time.Minute

// windowClosed is the refusal of promise 1, while a user can still act on it.
func windowClosed(name string) error {
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "body",
		Code:  "message.session_closed",
		Args:  models.Args{"Name": name},
	}
}
