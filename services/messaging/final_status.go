package messaging

import (
	"context"
	"errors"
	"net/http"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/outbox"
	"parley/services/twilio"
	"parley/whatsapp"
)

// askAtOnce is how many messages one round asks Twilio about: few, so that sending is not slowed down.
const askAtOnce = 20

// AskUnknown asks Twilio about messages that it accepted some minutes ago and has reported no final status for, each
// again after a growing pause, for a week. That makes up for lost callbacks. A message that Twilio no longer has, or
// answers with an error for, waits for its next turn like the others and doesn't hold them up.
func (s *Service) AskUnknown(ctx context.Context, client *twilio.Client) error {
	list, err := conversations.Read(s.store).MissingFinalStatus(ctx, askAtOnce)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range list {
		got, err := client.Fetch(m.TwilioSid)
		if err != nil && !aboutOne(err) {
			break // Twilio can't be reached now; the health check says so
		}
		errs = append(errs, models.Retry(func() error {
			return s.store.InTx(ctx, func(tx *models.Tx) error {
				if err := conversations.Asked(tx, m.ID); err != nil || got.Status == "" {
					return err
				}
				event := conversations.StatusEvent{
					MessageSid: m.TwilioSid,
					Status:     got.Status,
					ErrorCode:  got.ErrorCode,
					ReceivedAt: tx.Now(),
				}
				taken, err := conversations.TakeStatus(tx, event, "")
				if err != nil || taken == conversations.StatusRepeated || !whatsapp.OptOutCode(got.ErrorCode) {
					return err
				}
				_, err = conversations.OptOutByTwilio(tx, conversations.TwilioOptOut{Sid: m.TwilioSid, Code: got.ErrorCode})
				return err
			})
		}))
	}
	return errors.Join(errs...)
}

// aboutOne reports whether an error concerns the one message that was asked about, not the account or the connection.
func aboutOne(err error) bool {
	e, ok := errors.AsType[*twilio.Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status >= http.StatusInternalServerError)
}

// Decide settles a message with an unknown outcome by a user's decision: "failed" if it was not sent, "again" to send
// it again.
func (s *Service) Decide(ctx context.Context, a models.Actor, messageID, do string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		m, err := conversations.MessageForUpdate(tx, messageID)
		if err != nil {
			return err
		}
		if m.Status != whatsapp.OutcomeUnknown {
			return models.Conflict("message.settled_meanwhile")
		}
		switch do {
		case "failed":
			err = conversations.SetStatus(tx, m, conversations.StatusChange{To: whatsapp.Failed, Text: "decided", At: tx.Now()})
		case "again":
			err = outbox.RequeueOutgoing(tx, m.ID, tx.Now())
		default:
			return models.Invalid("do", "message.outcome_missing")
		}
		if err != nil {
			return err
		}
		return models.Audit(
			tx,
			a,
			"message.decided",
			models.About("message", m.PublicID),
			"A message in doubt was settled: "+do,
		)
	})
}
