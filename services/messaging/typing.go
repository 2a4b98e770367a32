package messaging

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/services/twilio"
)

// ShowTypingArgs asks a job to show a person that a user is typing.
type ShowTypingArgs struct {
	MessageSid string `json:"message_sid"` // the person's latest message
}

// Kind names the job.
func (ShowTypingArgs) Kind() string { return "show_typing" }

// typingShown is a little less than WhatsApp shows the indicator, so that it is renewed in time (Twilio: 25 s).
const typingShown = 20 * time.Second

// Typing notes that a user is typing in a conversation, publishes it to the others, and shows it to the contact if the
// settings say so and the session is open.
func (s *Service) Typing(ctx context.Context, c *conversations.Conversation, userID int64, typing bool) error {
	if err := inbox.SaveHeartbeat(ctx, s.store, c, userID, typing); err != nil || !typing {
		return err
	}
	desk, err := conversations.Read(s.store).InboxSettings(ctx)
	if err != nil || !desk.Typing || !c.WindowOpen(s.store.Now()) {
		return err
	}
	sid, err := conversations.Read(s.store).LastInboundSid(ctx, c.ID)
	if err != nil || sid == "" {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.Enqueue(
			ShowTypingArgs{MessageSid: sid},
			&river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: typingShown}},
		)
	})
}

// ShowTyping is the job behind Typing. It is not retried: a second attempt would come too late.
func (s *Service) ShowTyping(client *twilio.Client, args ShowTypingArgs) error {
	if err := client.ShowTyping(args.MessageSid); err != nil {
		s.log.Warn("the typing indicator was not shown", "error", err)
	}
	return nil
}
