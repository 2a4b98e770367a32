package messaging

import (
	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// status is a status callback being handled.
type status struct {
	twilio.StatusCallback
	Delivery
}

func (cb status) event(tx *models.Tx) conversations.StatusEvent {
	return conversations.StatusEvent{
		MessageSid:   cb.Sid,
		Status:       cb.Status,
		ErrorCode:    cb.ErrorCode,
		ErrorMessage: cb.ErrorMessage,
		ReceivedAt:   cb.at(tx),
	}
}

// receiptOf is the receipt of a callback with its effect.
func (cb status) receiptOf(tx *models.Tx, effect conversations.StatusEffect) receipts.WebhookReceipt {
	r := cb.receipt(receipts.StatusReceipt, cb.Sid, tx.Now())
	r.Person, r.Also = cb.Person, cb.Also
	r.Effect, r.OutOfOrder = "Status "+cb.Status, effect == conversations.StatusLate
	switch _, known := whatsapp.StatusFromTwilio(cb.Status); {
	case effect == conversations.StatusRepeated:
		r.Verdict, r.Effect = receipts.VerdictRepeated, "Nothing: this status is stored already"
	case effect == conversations.StatusLate:
		r.Effect = "Nothing: " + cb.Status + " came after a later status"
	case effect == conversations.StatusUnknown:
		r.Effect = "Kept: no message with this SID is known yet"
	case cb.Status == "":
		r.Effect = "Kept: it names no status"
	case !known:
		r.Effect = "Kept: “" + cb.Status + "” is no status that Parley knows"
	}
	r.Effect = andNot(r.Effect, cb.Unread)
	return r
}

// takeStatuses handles the common callbacks, progress of known messages; alone are the others.
func (s *Service) takeStatuses(tx *models.Tx, list []status) (alone []int, err error) {
	events := make([]conversations.StatusEvent, len(list))
	for i, cb := range list {
		events[i] = cb.event(tx)
	}
	effects, err := conversations.TakeStatuses(tx, events)
	if err != nil {
		return nil, err
	}
	var receiptList []receipts.WebhookReceipt
	for i, e := range effects {
		if e == conversations.StatusLeft {
			alone = append(alone, i)
			continue
		}
		receiptList = append(receiptList, list[i].receiptOf(tx, e))
	}
	return alone, receipts.AddReceipts(tx, receiptList)
}

func (s *Service) takeStatus(tx *models.Tx, cb status) error {
	taken, err := conversations.TakeStatus(tx, cb.event(tx), plaintext.Clean(cb.Ref))
	if err != nil {
		return err
	}
	r := cb.receiptOf(tx, taken)
	if err := receipts.AddReceipt(tx, &r); err != nil {
		return err
	}
	if err := checkTemplate(tx, cb.Sid, cb.ErrorCode); err != nil {
		return err
	}
	if err := forgetMember(tx, cb.Sid, cb.ErrorCode); err != nil {
		return err
	}
	if taken == conversations.StatusRepeated {
		return nil // the person may have joined again since
	}
	return learnOptOut(tx, cb, r.ID)
}
