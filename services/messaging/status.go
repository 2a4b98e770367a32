package messaging

import (
	"context"
	"net/url"
	"strings"

	"parley/models"
	"parley/services/twilio"
)

// status is a callback about an outbound message on its way in.
type status struct {
	twilio.StatusCallback
	form url.Values
	ref  string
	Delivery
}

// TakeStatus stores a status callback and moves its message on. ref is our own reference from the
// callback URL, empty if there is none.
func (s *Service) TakeStatus(ctx context.Context, cb twilio.StatusCallback, form url.Values, ref string, d Delivery) error {
	return s.statuses.run(ctx, status{cb, form, ref, d})
}

func (cb status) event(tx *models.Tx) models.StatusEvent {
	return models.StatusEvent{MessageSid: cb.Sid, Status: cb.Status, ErrorCode: cb.ErrorCode, ErrorMessage: cut(cb.ErrorMessage, 500), ReceivedAt: tx.Now()}
}

// receiptOf says what came of a callback.
func (cb status) receiptOf(effect models.StatusEffect) models.WebhookReceipt {
	r := cb.receipt("status", cb.Sid, cut(strings.TrimPrefix(cb.form.Get("To"), "whatsapp:"), 130), cb.form)
	r.Effect, r.OutOfOrder = "Status "+cut(cb.Status, 40), effect == models.StatusLate
	switch effect {
	case models.StatusRepeated:
		r.Verdict, r.Effect = "repeated", "Nothing: this status is stored already"
	case models.StatusLate:
		r.Effect = "Nothing: " + cut(cb.Status, 40) + " came after a later status"
	case models.StatusUnknown:
		r.Effect = "Kept: no message with this SID is known yet"
	}
	return r
}

// takeStatuses takes what most callbacks are, progress of messages that are known; the others are left.
func (s *Service) takeStatuses(tx *models.Tx, list []status) (alone []int, err error) {
	events := make([]models.StatusEvent, len(list))
	for i, cb := range list {
		events[i] = cb.event(tx)
	}
	effects, err := tx.TakeStatuses(events)
	if err != nil {
		return nil, err
	}
	var receipts []models.WebhookReceipt
	for i, e := range effects {
		if e == models.StatusLeft {
			alone = append(alone, i)
			continue
		}
		receipts = append(receipts, list[i].receiptOf(e))
	}
	return alone, tx.AddReceipts(receipts)
}

func (s *Service) takeStatus(tx *models.Tx, cb status) error {
	taken, err := tx.TakeStatus(cb.event(tx), cb.ref)
	if err != nil {
		return err
	}
	r := cb.receiptOf(taken)
	if err := tx.Create(&r).Error; err != nil {
		return err
	}
	if err := checkTemplate(tx, cb.Sid, cb.ErrorCode); err != nil {
		return err
	}
	if err := forgetMember(tx, cb.Sid, cb.ErrorCode); err != nil {
		return err
	}
	if taken == models.StatusRepeated {
		return nil // the person may have come back since
	}
	return learnOptOut(tx, cb, r.ID)
}
