package messaging

import (
	"context"
	"strings"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// tooLong refuses a text of n characters.
func tooLong(field string, n, limit int) error {
	return models.Invalid(field, "message.too_long", "Count", n, "Max", limit)
}

// Upload is a file of a reply, already stored in the media folder.
type Upload struct {
	File, ContentType, AccessKey, Thumb, Name string
	Size                                      int64
	Voice                                     bool
}

// ReplyForm is what a user writes in the composer.
type ReplyForm struct {
	Text    string
	Token   string // identifies the form: the same one twice makes one message
	Files   []*Upload
	Quote   string           // public id of the message that is answered, empty for none
	Contact string           // public id of the contact that the page showed, empty if the form has none
	Seen    string           // public id of our last message by another user that the page showed; see Anyway
	Anyway  bool             // send even if another user has replied since
	To      whatsapp.Address // one of the contact's; empty for the one that replies go to
	Author  *int64           // the author, if another user sends it: the author's drafts are left alone
}

// Reply queues a free-form message. It refuses an empty or over-long text (field body), a closed session, a
// conversation whose contact has changed since the page was opened, one that only its assignee may reply in, and,
// unless Anyway, a reply after one that another user has sent since (conflict, field collision).
func (s *Service) Reply(ctx context.Context, a models.Actor, conversationID string, f ReplyForm) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, conversationID)
		if err != nil {
			return err
		}
		if again, err := taken(tx, c, f.Token, becameReply(c, f)); err != nil {
			return err
		} else if again {
			return dropSentDraft(tx, a, c, inbox.Draft{Mode: "reply", Body: f.Text})
		}
		return s.write(tx, a, c, f)
	})
}

// dropSentDraft removes the draft of a form that was handled before, if its text was stored since.
func dropSentDraft(tx *models.Tx, a models.Actor, c *conversations.Conversation, sent inbox.Draft) error {
	if a.ID == nil {
		return nil
	}
	sent.UserID, sent.ConversationID, sent.Body = *a.ID, c.ID, clean(sent.Body)
	return inbox.DropSentDraft(tx, sent)
}

// queue writes a message into the queue. A form that was handled already makes no second message.
func queue(tx *models.Tx, c *conversations.Conversation, m *conversations.Message) (added bool, err error) {
	want := m.Body
	if added, err = conversations.QueueMessage(tx, c, m); err == nil && !added && m.Body != want {
		err = takenOtherwise()
	}
	return added, err
}

// write queues a reply into a locked conversation.
func (s *Service) write(tx *models.Tx, a models.Actor, c *conversations.Conversation, f ReplyForm) error {
	text := fillPhone(clean(f.Text), c.Contact)
	if len(f.Files) == 0 || text != "" {
		if err := checkBody("body", text, whatsapp.MaxBody); err != nil {
			return err
		}
	}
	to, err := s.mayReply(tx, a, c, f)
	if err != nil {
		return err
	}
	if err := takeOver(tx, a, c); err != nil {
		return err
	}
	author := a.ID
	if f.Author != nil {
		author = f.Author
	}
	for _, p := range f.parts(text) {
		m := &conversations.Message{
			Body:      p.text,
			AddressID: to.AddressID,
			AuthorID:  author,
			Priority:  conversations.PriorityReply,
			Token:     tokenOf(p.token),
		}
		added, err := p.queue(tx, c, m)
		if err != nil {
			return err
		}
		if !added { // handled before; a draft that was saved afterwards has the same text
			break
		}
	}
	if f.Author != nil {
		return nil
	}
	return inbox.DropDraft(tx, a.ID, c.ID, "reply")
}

// takeOver assigns an unassigned conversation to the user who replies in it.
func takeOver(tx *models.Tx, a models.Actor, c *conversations.Conversation) error {
	if c.AssigneeID != nil || a.ID == nil {
		return nil
	}
	return conversations.ChangeConversation(
		tx,
		conversations.By{UserID: a.ID},
		c,
		func(c *conversations.Conversation) { c.AssigneeID = a.ID },
	)
}

func clean(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

func tokenOf(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
