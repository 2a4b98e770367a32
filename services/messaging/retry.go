package messaging

import (
	"context"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/mediafiles"
	"parley/models/templates"
	"parley/whatsapp"
)

// Retry sends a failed message again, as a new one with the same content. It passes all checks again.
// It returns the conversation's public id, also with a refusal.
func (s *Service) Retry(ctx context.Context, a models.Actor, messageID string) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := conversations.MessageForUpdate(tx, messageID)
		if err != nil {
			return err
		}
		if old.Direction != whatsapp.Outbound || !old.Status.Failure() {
			return models.Conflict("message.not_failed")
		}
		c, err := conversations.ConversationByIDForUpdate(tx, old.ConversationID)
		if err != nil {
			return err
		}
		conversationID = c.PublicID
		if err := s.mayAnswer(tx, a, c); err != nil {
			return err
		}
		to, err := mayRetry(tx, c, old)
		if err != nil {
			return err
		}
		m := retried(old)
		m.AddressID, m.AuthorID = to.AddressID, a.ID
		c.FailedCount = max(0, c.FailedCount-1)
		added, err := conversations.QueueMessage(tx, c, m)
		if err != nil {
			return err
		}
		if !added {
			return models.Conflict("message.already_sent_again")
		}
		return mediafiles.CopyMedia(tx, old.ID, m.ID)
	})
	return conversationID, err
}

// mayRetry refuses a message that may not be sent now, else returns its recipient: the one of the conversation's
// messages.
func mayRetry(
	tx *models.Tx,
	c *conversations.Conversation,
	old *conversations.Message,
) (conversations.Recipient, error) {
	to, err := conversations.RecipientOf(tx, c)
	if err != nil {
		return to, err
	}
	if err := joined(tx, c, to); err != nil {
		return to, err
	}
	if old.VersionID == nil {
		if !to.WindowOpen(tx.Now()) {
			return to, windowClosed(c.Contact.Title())
		}
		return to, nil
	}
	v, err := templates.VersionByIDForUpdate(tx, *old.VersionID)
	if err != nil {
		return to, err
	}
	return to, templateSend{conversation: c, to: to, version: v, session: old.SessionOnly}.check(tx)
}

// retried is a new message with the content of a failed one.
func retried(old *conversations.Message) *conversations.Message {
	token := "retry-" + old.PublicID
	m := &conversations.Message{
		Kind:       old.Kind,
		Body:       old.Body,
		ReplyToSid: old.ReplyToSid,
		Details:    old.Details,
		VersionID:  old.VersionID,
		Variables:  old.Variables,
		Priority:   conversations.PriorityReply,
		Token:      &token,
	}
	if old.VersionID != nil {
		m.SessionOnly, m.ContentSid, m.Priority = old.SessionOnly, old.ContentSid, conversations.PriorityTemplate
	}
	return m
}
