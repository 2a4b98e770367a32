package messaging

import (
	"context"
	"fmt"
	"strings"

	"parley/models"
	"parley/services/whatsapp"
)

func tooLong(n, limit int) string {
	return fmt.Sprintf("The text has %d characters; %d is the most. Shorten it, or send it in two messages.", n, limit)
}

// windowClosed is the refusal of promise 1, where a person can still act on it.
func windowClosed(name string) error {
	return &models.Error{Kind: models.KindConflict, Field: "body",
		Message: "The 24-hour session with " + name + " is closed, so WhatsApp takes no free-form message. Send an approved template; your text is kept here."}
}

// Upload is a file that goes out with a reply, already stored in the media folder.
type Upload struct {
	File, ContentType, AccessKey string
	Size                         int64
}

// Reply queues a free-form message. token identifies the form: the same one twice makes one message.
// It refuses an empty or over-long text (field body) and a closed session (conflict).
func (s *Service) Reply(ctx context.Context, a models.Actor, conversationID, text, token string, file *Upload) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if file == nil || text != "" {
		if err := checkBody("body", text, whatsapp.MaxBody); err != nil {
			return err
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		if err := mayWrite(c); err != nil {
			return err
		}
		if !whatsapp.WindowOpen(c.LastInboundAt, tx.Now()) {
			return windowClosed(c.Contact.Title())
		}
		m := &models.Message{Body: text, AuthorID: a.ID, Priority: models.PriorityReply, Token: tokenOf(token)}
		if file != nil {
			m.Kind = "media"
		}
		if c.AssigneeID == nil {
			c.AssigneeID = a.ID
		}
		added, err := tx.QueueMessage(c, m)
		if err != nil || !added || file == nil {
			return err
		}
		return tx.Create(&models.MediaFile{MessageID: m.ID, ContentType: file.ContentType, File: file.File, Size: file.Size, AccessKey: file.AccessKey}).Error
	})
}

func mayWrite(c *models.Conversation) error {
	switch {
	case c.Contact.BlockedAt != nil:
		return models.Conflict(c.Contact.Title() + " is blocked: unblock the contact before you write.")
	case c.Sender.State != "online":
		return models.Conflict("The sender " + c.Sender.Name + " is offline: nothing can be sent from it now.")
	}
	return nil
}

func tokenOf(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Note writes an internal note, which is never sent.
func (s *Service) Note(ctx context.Context, a models.Actor, conversationID, text, token string) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if err := checkBody("body", text, 4000); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		m := &models.Message{ConversationID: c.ID, SenderID: c.SenderID, Direction: "note", Status: whatsapp.Noted, Body: text, AuthorID: a.ID, Token: tokenOf(token)}
		if _, err := tx.AddMessage(m); err != nil {
			return err
		}
		return tx.Tell(c.Topic())
	})
}

// Retry sends a failed message again, as a new one with the same content. It passes all checks anew.
// It returns the conversation's public id, also with a refusal.
func (s *Service) Retry(ctx context.Context, a models.Actor, messageID string) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.MessageForUpdate(messageID)
		if err != nil {
			return err
		}
		if old.Direction != "outbound" || !old.Status.Failure() {
			return models.Conflict("Only a failed message can be sent again.")
		}
		c, err := tx.ConversationByIDForUpdate(old.ConversationID)
		if err != nil {
			return err
		}
		conversationID = c.PublicID
		if err := mayWrite(c); err != nil {
			return err
		}
		token := "retry-" + old.PublicID
		m := &models.Message{Kind: old.Kind, Body: old.Body, VersionID: old.VersionID, Variables: old.Variables, AuthorID: a.ID,
			Priority: models.PriorityReply, Token: &token}
		if old.VersionID == nil {
			if !whatsapp.WindowOpen(c.LastInboundAt, tx.Now()) {
				return windowClosed(c.Contact.Title())
			}
		} else {
			v, err := tx.VersionByIDForUpdate(*old.VersionID)
			if err != nil {
				return err
			}
			m.SessionOnly, m.ContentSid = old.SessionOnly, old.ContentSid
			if err := maySendVersion(tx, c, v, old.SessionOnly); err != nil {
				return err
			}
			m.Priority = models.PriorityTemplate
		}
		c.FailedCount = max(0, c.FailedCount-1)
		added, err := tx.QueueMessage(c, m)
		if err != nil {
			return err
		}
		if !added {
			return models.Conflict("This message was already sent again.")
		}
		return tx.CopyMedia(old.ID, m.ID)
	})
	return conversationID, err
}
