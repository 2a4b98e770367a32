package messaging

import (
	"context"
	"errors"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/services/twilio"
)

// Replay handles a stored delivery again. It changes nothing that was stored already, because messages and statuses are
// identified by their SIDs; it only adds what was lost. That counts from when the delivery first came: it doesn't start
// a new session. It returns the receipt of the replay.
func (s *Service) Replay(ctx context.Context, a models.Actor, receiptID string) (*receipts.WebhookReceipt, error) {
	r, err := receipts.Read(s.store).ReceiptByPublicID(ctx, receiptID)
	if err == nil && r.ReplayOf != nil {
		r, err = receipts.Read(s.store).ReceiptByID(ctx, *r.ReplayOf)
	}
	if err != nil {
		return nil, err
	}
	body := r.Raw()
	if len(body) == 0 {
		return nil, models.Conflict("delivery.body_not_kept")
	}
	err = s.take(ctx, r.Kind, Delivery{
		Body:       body,
		Form:       twilio.ReadBody(body),
		RequestID:  a.RequestID,
		TokenNo:    r.TokenNo,
		ReceivedAt: r.ReceivedAt,
		ReplayOf:   &r.ID,
		ReplayedBy: a.ID,
	})
	if errors.Is(err, ErrNoSid) {
		return nil, models.Conflict("delivery.no_message")
	}
	if err != nil {
		return nil, err
	}
	list, err := receipts.Read(s.store).Replays(ctx, r.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], s.store.InTx(ctx, func(tx *models.Tx) error {
		return models.Audit(
			tx,
			a,
			"webhook.replayed",
			models.About("webhook", r.PublicID),
			"A delivery of "+r.MessageSid+" was played again",
		)
	})
}
