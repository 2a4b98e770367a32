package messaging

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"parley/models"
	"parley/whatsapp"
)

// CheckTemplateArgs asks a job to look at once whether WhatsApp stopped a template.
type CheckTemplateArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (CheckTemplateArgs) Kind() string { return "check_template" }

// templateTrouble reports whether an error says that a template was rejected, paused or disabled.
func templateTrouble(code int) bool { return code == 63040 || code == 63041 || code == 63042 }

// onceAMinute keeps a whole notification's failures from asking once each.
func onceAMinute() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: time.Minute}}
}

// checkTemplate looks at a template at Twilio when a message failed because of it.
func checkTemplate(tx *models.Tx, sid string, code int) error {
	if !templateTrouble(code) {
		return nil
	}
	id, err := tx.VersionOfMessage(sid)
	if err != nil || id == 0 {
		return err
	}
	return tx.Enqueue(CheckTemplateArgs{VersionID: id}, onceAMinute())
}

// TemplateForm is a template that a person sends.
type TemplateForm struct {
	ConversationID, VersionID string // public ids
	Values                    models.Values
	Token                     string
	To                        whatsapp.Address // single of the contact's; empty for the one that the conversation answers, else the chosen number
}

// valuesFor are the form's values, with the contact's number where somebody who sees masked numbers left a gap for it.
func (f TemplateForm) valuesFor(c *models.Conversation) models.Values {
	out := models.Values{}
	for n, value := range f.Values {
		out[n] = fillPhone(value, c.Contact)
	}
	return out
}

// SendTemplate queues an approved template. values are keyed by placeholder number. Refusals name the
// field: template, or value-1, value-2 and so on.
func (s *Service) SendTemplate(
	ctx context.Context,
	a models.Actor,
	role models.Role,
	conversationID, versionID string,
	values models.Values,
	token string,
) error {
	return s.SendTemplateTo(
		ctx,
		a,
		role,
		TemplateForm{ConversationID: conversationID, VersionID: versionID, Values: values, Token: token},
	)
}

// SendTemplateTo is SendTemplate, also to another address of the contact.
func (s *Service) SendTemplateTo(ctx context.Context, a models.Actor, role models.Role, f TemplateForm) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(f.ConversationID)
		if err != nil {
			return err
		}
		if again, err := taken(tx, c, f.Token, becameTemplate(tx, c, f)); err != nil || again {
			return err
		}
		if err := errors.Join(s.mayAnswer(tx, a, c), reachable(tx, c, true)); err != nil {
			return err
		}
		if f.VersionID == "" {
			return models.Invalid("template", "Choose a template.")
		}
		to, err := recipientOf(tx, c, f.To)
		if err != nil {
			return err
		}
		v, err := tx.VersionForUpdate(f.VersionID)
		if err != nil {
			return err
		}
		session := v.State == whatsapp.Ready
		if !role.Can(v.Template.SendRole) {
			return models.Invalid("template", "Only "+string(v.Template.SendRole)+"s may send this template.")
		}
		if err := maySendVersion(tx, c, to, v, session); err != nil {
			return err
		}
		values := f.valuesFor(c)
		if err := CheckValues(v, values); err != nil {
			return err
		}
		m := TemplateMessage(v, values)
		m.SessionOnly, m.AddressID = session, to.AddressID
		m.AuthorID, m.Priority, m.Token = a.ID, models.PriorityTemplate, tokenOf(f.Token)
		_, err = queue(tx, c, m)
		return err
	})
}

// MaySend is the second lock of promises 2 and 3: consent and approval, in words. The contact's consent is the one that
// Tx.ConsentTo worked out.
func MaySend(c *models.Contact, s *models.Sender, v *models.TemplateVersion) error {
	switch {
	case c.Consent == whatsapp.SandboxOnly:
		return models.Conflict(
			c.Title() + " joined the Sandbox only, which is no consent for " + s.Name + ": record an opt-in with its proof first.",
		)
	case c.Consent == whatsapp.OptedOut:
		return models.Conflict(
			c.Title() + " opted out, so no template may be sent. The person can opt in again, for example by writing START.",
		)
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

// TemplateMessage is a template as a message: its body is what the person will read.
func TemplateMessage(v *models.TemplateVersion, values models.Values) *models.Message {
	kept := models.Values{}
	for i := range v.Names() {
		n := strconv.Itoa(i + 1)
		kept[n] = strings.TrimSpace(values[n])
	}
	return &models.Message{Kind: "template", VersionID: &v.ID, Variables: kept, Body: textOf(v.Filled(kept))}
}

// textOf is a content's text; a location's is its place.
func textOf(c *whatsapp.Content) string {
	if c.Type == whatsapp.TypeLocation {
		return strings.TrimSpace("📍 " + strings.Join(strings.Fields(c.Label+" "+c.Address), " "))
	}
	return c.Body
}

// recipientOf is where a template goes: to one address of the contact, else where the conversation's templates go.
func recipientOf(tx *models.Tx, c *models.Conversation, a whatsapp.Address) (models.Recipient, error) {
	if a == (whatsapp.Address{}) {
		return tx.RecipientOf(c)
	}
	return tx.RecipientAt(c, a)
}

// maySendVersion checks a version for an address in a conversation: its approval and the consent, or, for what needs no
// approval, the open session.
func maySendVersion(
	tx *models.Tx,
	c *models.Conversation,
	to models.Recipient,
	v *models.TemplateVersion,
	session bool,
) error {
	if err := joined(tx, c, to); err != nil {
		return err
	}
	if !session {
		contact := []models.Contact{*c.Contact}
		if err := tx.ConsentTo(v.Template, c.Sender, contact); err != nil {
			return err
		}
		return MaySend(&contact[0], c.Sender, v)
	}
	if v.Unfillable != "" {
		return models.Conflict("This template can't be sent. " + v.Unfillable)
	}
	if !to.WindowOpen(tx.Now()) {
		return &models.Error{
			Kind:  models.KindConflict,
			Field: "template",
			Code:  "The 24-hour session with " + c.Contact.Title() + " is closed, and this kind of message goes out in open sessions only.",
		}
	}
	if v.State != whatsapp.Ready && v.State != whatsapp.Draft && v.State != whatsapp.Approved {
		return models.Conflict("This template is " + string(v.State) + " and can't be sent.")
	}
	return nil
}

// TestForm is a draft's content, made at Twilio under ContentSid, that goes to one's own phone.
type TestForm struct {
	ConversationID int64
	ContentSid     string
	Values         models.Values
	Token          string
	To             whatsapp.Address // the phone; empty for the address that the conversation answers
}

// SendTest queues a draft's content into an open session.
func (s *Service) SendTest(tx *models.Tx, a models.Actor, v *models.TemplateVersion, f TestForm) error {
	c, err := tx.ConversationByIDForUpdate(f.ConversationID)
	if err != nil {
		return err
	}
	to, err := recipientOf(tx, c, f.To)
	if err != nil {
		return err
	}
	if err := errors.Join(mayWrite(c), maySendVersion(tx, c, to, v, true)); err != nil {
		return err
	}
	m := TemplateMessage(v, f.Values)
	m.SessionOnly, m.ContentSid, m.AddressID = true, &f.ContentSid, to.AddressID
	m.AuthorID, m.Priority, m.Token = a.ID, models.PriorityTemplate, tokenOf(f.Token)
	_, err = tx.QueueMessage(c, m)
	return err
}

// SendTemplateText sends one of the Sandbox's templates by its exact text with the placeholders filled, as
// Twilio's Sandbox was made to be used. A text that is none of them is refused before it is sent (field text).
func (s *Service) SendTemplateText(
	ctx context.Context,
	a models.Actor,
	role models.Role,
	conversationID, text, token string,
) error {
	c, err := s.store.ConversationByPublicID(ctx, conversationID)
	if err != nil {
		return err
	}
	if !c.Sender.Sandbox() {
		return models.Invalid("text", "Only the Sandbox takes a template by its text: choose one from the list.")
	}
	versions, err := s.store.ApprovedVersions(ctx, true, role)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if values, ok := whatsapp.Match(v.Body, text); ok {
			return s.SendTemplate(ctx, a, role, conversationID, v.PublicID, values, token)
		}
	}
	return models.Invalid(
		"text",
		"This is none of the Sandbox's templates to the letter, so WhatsApp would refuse it. The difference from the nearest one stands below.",
	)
}
