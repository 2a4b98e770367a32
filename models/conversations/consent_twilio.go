package conversations

import (
	"errors"
	"fmt"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

// TwilioOptOut is an opt-out that a Twilio error reports: see whatsapp.OptOutCode. The person is the recipient of the
// message, found by its row id or its sid, else the given contact.
type TwilioOptOut struct {
	MessageID int64
	Sid       string
	ContactID int64
	Code      int
	ReceiptID *int64 // of the callback that reported it, nil for the answer to a call
}

// OptOutByTwilio records an opt-out that Twilio reported and Parley did not know. known is false if no such person is
// found. A person who was erased is opted out already and gets no event.
func OptOutByTwilio(tx *models.Tx, o TwilioOptOut) (known bool, err error) {
	var c people.Contact
	q := base.DB(tx).Clauses(base.ForUpdate)
	// The conversation may have moved to another contact since the call: a merge takes it along.
	const ofMessage = "id = (SELECT v.contact_id FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE m."
	switch {
	case o.ContactID != 0:
		q = q.Where("id = ?", o.ContactID)
	case o.MessageID != 0:
		q = q.Where(ofMessage+"id = ?)", o.MessageID)
	default:
		q = q.Where(ofMessage+"twilio_sid = ?)", o.Sid)
	}
	err = q.Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil || c.Gone != "" || c.Consent == whatsapp.OptedOut {
		return true, err
	}
	what := o.Sid
	if what == "" {
		var m struct {
			PublicID  string
			TwilioSid *string
		}
		if err := base.DB(tx).Model(&Message{}).Where("id = ?", o.MessageID).Take(&m).Error; err != nil {
			return true, err
		}
		if what = "message " + m.PublicID; m.TwilioSid != nil {
			what = *m.TwilioSid
		}
	}
	return true, people.RecordConsent(tx, models.System("Twilio"), &c, people.ConsentEvent{
		Kind:      whatsapp.OptedOut,
		Source:    whatsapp.SourceTwilio,
		Proof:     fmt.Sprintf("Twilio answered %d (%s) for %s", o.Code, whatsapp.Explain(o.Code, "").Meaning, what),
		ReceiptID: o.ReceiptID,
	})
}
