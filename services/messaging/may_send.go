package messaging

import (
	"errors"
	"strconv"

	"parley/models"
	"parley/models/conversations"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// MaySend is the second check of promises 2 and 3, consent and approval, with a sentence for the user. The contact's
// consent must come from people.ConsentTo.
func MaySend(c *people.Contact, s *senders.Sender, v *templates.TemplateVersion) error {
	switch {
	case c.Consent == whatsapp.SandboxOnly:
		return models.Conflict("contact.sandbox_only", "Name", c.Title(), "Sender", s.Name)
	case c.Consent == whatsapp.OptedOut:
		return models.Conflict("contact.opted_out", "Name", c.Title())
	case c.Consent != whatsapp.OptedIn:
		return models.Conflict("contact.not_opted_in", "Name", c.Title())
	case v.Template.DeletedAt != nil:
		return models.Conflict("template.deleted")
	case v.Unfillable != "":
		return models.Conflict("template.unfillable", "Reason", v.Unfillable)
	case v.State != whatsapp.Approved:
		return models.Conflict("template.not_approved", "State", v.State)
	case v.EffectiveCategory() == whatsapp.Marketing:
		return models.Conflict("template.promotion")
	case s.Sandbox() && !v.Template.Sandbox:
		return models.Conflict("template.not_sandbox")
	case !s.Sandbox() && v.Template.Sandbox:
		return models.Conflict("template.sandbox_only")
	}
	return nil
}

// CheckValues refuses a missing or bad value, naming its field.
func CheckValues(v *templates.TemplateVersion, values templates.Values) error {
	var errs []error
	for i, name := range v.Names() {
		n := strconv.Itoa(i + 1)
		if p := whatsapp.ValueProblem(name, values[n]); p != "" {
			errs = append(errs, models.Invalid("value-"+n, "template.value_refused", "Reason", p))
		}
	}
	return errors.Join(errs...)
}

// templateSend is a version on its way to an address in a conversation.
type templateSend struct {
	conversation *conversations.Conversation
	to           conversations.Recipient
	version      *templates.TemplateVersion
	session      bool // it needs no approval and is sent in open sessions only
}

// check refuses what may not be sent: it checks the approval and the consent or, for content without approval, the open
// session.
func (t templateSend) check(tx *models.Tx) error {
	c, v := t.conversation, t.version
	if err := joined(tx, c, t.to); err != nil {
		return err
	}
	if !t.session {
		contact := []people.Contact{*c.Contact}
		if err := people.ConsentTo(tx, v.Template.TopicID, c.Sender, contact); err != nil {
			return err
		}
		return MaySend(&contact[0], c.Sender, v)
	}
	if v.Unfillable != "" {
		return models.Conflict("template.unfillable", "Reason", v.Unfillable)
	}
	if !t.to.WindowOpen(tx.Now()) {
		return &models.Error{
			Kind:  models.KindConflict,
			Field: "template",
			Code:  "template.session_closed",
			Args:  models.Args{"Name": c.Contact.Title()},
		}
	}
	if v.State != whatsapp.Ready && v.State != whatsapp.Draft && v.State != whatsapp.Approved {
		return models.Conflict("template.cannot_be_sent_now", "State", v.State)
	}
	return nil
}

// message is the template as a message.
func (t templateSend) message(values templates.Values) *conversations.Message {
	m := TemplateMessage(t.version, values)
	m.SessionOnly, m.AddressID, m.Priority = t.session, t.to.AddressID, conversations.PriorityTemplate
	return m
}
