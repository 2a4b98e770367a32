package messaging

import (
	"context"
	"net/url"

	"parley/models"
	"parley/services/twilio"
)

// Replay takes a stored delivery in once more. It changes nothing that was stored already: messages are known by
// their SID, statuses by theirs, so that it only makes up for what was lost. It returns what came of it.
func (s *Service) Replay(ctx context.Context, a models.Actor, receiptID string) (*models.WebhookReceipt, error) {
	r, err := s.store.ReceiptByPublicID(ctx, receiptID)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(r.Form)
	if r.Form == "" || err != nil {
		return nil, models.Conflict("Only what Twilio signed is kept with its form and can be played again; this delivery has none.")
	}
	d := Delivery{RequestID: a.RequestID, TokenNo: r.TokenNo, ReplayOf: &r.ID, ReplayedBy: a.ID}
	if r.Kind == "message" {
		in, e := twilio.ParseInbound(form)
		if err = e; err == nil {
			err = s.Receive(ctx, in, form, d)
		}
	} else {
		cb, e := twilio.ParseStatus(form)
		if err = e; err == nil {
			err = s.TakeStatus(ctx, cb, form, "", d)
		}
	}
	if err != nil {
		return nil, err
	}
	list, err := s.store.Replays(ctx, r.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.Audit(a, "webhook.replayed", "webhook", r.PublicID, "A delivery of "+r.MessageSid+" was played again", nil)
	})
}
