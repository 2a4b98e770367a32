package messaging

import (
	"errors"
	"strconv"

	"parley/models"
	"parley/whatsapp"
)

// MaySend is the second lock of promises 2 and 3: consent and approval, in words. The contact's consent is the one that
// Tx.ConsentTo worked out.
func MaySend(c *models.Contact, s *models.Sender, v *models.TemplateVersion) error {
	switch {
	case c.Consent == whatsapp.SandboxOnly:
		return models.Conflict(c.Title() + " joined the Sandbox only, which is no consent for " + s.Name +
			": record an opt-in with its proof first.")
	case c.Consent == whatsapp.OptedOut:
		return models.Conflict(c.Title() + " opted out, so no template may be sent. " +
			"The person can opt in again, for example by writing START.")
	case c.Consent != whatsapp.OptedIn:
		return models.Conflict(c.Title() + " is not opted in: record the opt-in with its proof first.")
	case v.Template.DeletedAt != nil:
		return models.Conflict("This template was deleted.")
	case v.Unfillable != "":
		return models.Conflict("This template can't be sent. " + v.Unfillable)
	case v.State != whatsapp.Approved:
		return models.Conflict("This template is " + string(v.State) + ", and only approved ones can be sent.")
	case v.EffectiveCategory() == "MARKETING":
		return models.Conflict("This template is promotion, which Parley does not send.")
	case s.Sandbox() && !v.Template.Sandbox:
		return models.Conflict(
			"The Sandbox sends only Twilio's three pre-approved templates. Send this one from your own number.",
		)
	case !s.Sandbox() && v.Template.Sandbox:
		return models.Conflict("This template belongs to Twilio's Sandbox and can't be sent from another number.")
	}
	return nil
}

// CheckValues refuses a missing or bad value, naming its field.
func CheckValues(v *models.TemplateVersion, values models.Values) error {
	var errs []error
	for i, name := range v.Names() {
		n := strconv.Itoa(i + 1)
		if p := whatsapp.ValueProblem(name, values[n]); p != "" {
			errs = append(errs, models.Invalid("value-"+n, p))
		}
	}
	return errors.Join(errs...)
}

// templateSend is a version on its way to an address in a conversation.
type templateSend struct {
	conversation *models.Conversation
	to           models.Recipient
	version      *models.TemplateVersion
	session      bool // it needs no approval and goes out in open sessions only
}

// may refuses what may not leave: it checks the approval and the consent or, for what needs no approval, the open
// session.
func (t templateSend) may(tx *models.Tx) error {
	c, v := t.conversation, t.version
	if err := joined(tx, c, t.to); err != nil {
		return err
	}
	if !t.session {
		contact := []models.Contact{*c.Contact}
		if err := tx.ConsentTo(v.Template, c.Sender, contact); err != nil {
			return err
		}
		return MaySend(&contact[0], c.Sender, v)
	}
	if v.Unfillable != "" {
		return models.Conflict("This template can't be sent. " + v.Unfillable)
	}
	if !t.to.WindowOpen(tx.Now()) {
		return &models.Error{
			Kind:  models.KindConflict,
			Field: "template",
			Code: "The 24-hour session with " + c.Contact.Title() +
				" is closed, and this kind of message goes out in open sessions only.",
		}
	}
	if v.State != whatsapp.Ready && v.State != whatsapp.Draft && v.State != whatsapp.Approved {
		return models.Conflict("This template is " + string(v.State) + " and can't be sent.")
	}
	return nil
}

// message is the message that it becomes.
func (t templateSend) message(values models.Values) *models.Message {
	m := TemplateMessage(t.version, values)
	m.SessionOnly, m.AddressID, m.Priority = t.session, t.to.AddressID, models.PriorityTemplate
	return m
}
