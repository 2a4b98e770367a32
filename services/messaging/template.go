package messaging

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"parley/models"
	"parley/models/conversations"
	"parley/models/templates"
	"parley/whatsapp"
)

// CheckTemplateArgs asks a job to check at once whether WhatsApp stopped a template.
type CheckTemplateArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (CheckTemplateArgs) Kind() string { return "check_template" }

// templateTrouble reports whether an error says that a template was rejected, paused or disabled.
func templateTrouble(code int) bool { return code == 63040 || code == 63041 || code == 63042 }

// onceAMinute limits the job to once a minute, so that not every failure of a notification starts it.
func onceAMinute() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: time.Minute}}
}

// checkTemplate has a template checked at Twilio when a message failed because of it.
func checkTemplate(tx *models.Tx, sid string, code int) error {
	if !templateTrouble(code) {
		return nil
	}
	id, err := templates.VersionOfMessage(tx, sid)
	if err != nil || id == 0 {
		return err
	}
	return tx.Enqueue(CheckTemplateArgs{VersionID: id}, onceAMinute())
}

// TemplateForm is a template that a user sends.
type TemplateForm struct {
	ConversationID, VersionID string           // public ids
	Values                    templates.Values // by placeholder number
	Token                     string
	// To is one of the contact's addresses; empty for the one that replies go to, else the chosen number.
	To whatsapp.Address
}

// valuesFor are the form's values, with the contact's number in place of templates.PhoneGap, which users who see masked
// numbers leave.
func (f TemplateForm) valuesFor(c *conversations.Conversation) templates.Values {
	out := templates.Values{}
	for n, value := range f.Values {
		out[n] = fillPhone(value, c.Contact)
	}
	return out
}

// SendTemplate queues an approved template. Refusals name the field: template, or value-1, value-2 and so on.
func (s *Service) SendTemplate(ctx context.Context, a models.Actor, role models.Role, f TemplateForm) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, f.ConversationID)
		if err != nil {
			return err
		}
		if again, err := taken(tx, c, f.Token, becameTemplate(tx, c, f)); err != nil || again {
			return err
		}
		if err := s.mayAnswer(tx, a, c); err != nil {
			return err
		}
		if err := reachable(tx, c, true); err != nil {
			return err
		}
		if f.VersionID == "" {
			return models.Invalid("template", "template.missing")
		}
		to, err := recipientOf(tx, c, f.To)
		if err != nil {
			return err
		}
		v, err := templates.VersionForUpdate(tx, f.VersionID)
		if err != nil {
			return err
		}
		if !role.Can(v.Template.SendRole) {
			return models.Invalid("template", "template.role_needed", "Role", v.Template.SendRole)
		}
		send := templateSend{conversation: c, to: to, version: v, session: v.State == whatsapp.Ready}
		if err := send.check(tx); err != nil {
			return err
		}
		values := f.valuesFor(c)
		if err := CheckValues(v, values); err != nil {
			return err
		}
		m := send.message(values)
		m.AuthorID, m.Token = a.ID, tokenOf(f.Token)
		_, err = queue(tx, c, m)
		return err
	})
}

// TemplateMessage is a template as a message: its body is what the contact will read.
func TemplateMessage(v *templates.TemplateVersion, values templates.Values) *conversations.Message {
	kept := templates.Values{}
	for i := range v.Names() {
		n := strconv.Itoa(i + 1)
		kept[n] = strings.TrimSpace(values[n])
	}
	return &conversations.Message{
		Kind:      whatsapp.KindTemplate,
		VersionID: &v.ID,
		Variables: kept,
		Body:      textOf(v.Filled(kept)),
	}
}

// textOf is a content's text; for a location, its label.
func textOf(c *whatsapp.Content) string {
	if c.Type == whatsapp.TypeLocation {
		return strings.TrimSpace("📍 " + strings.Join(strings.Fields(c.Label+" "+c.Address), " "))
	}
	return c.Body
}

// recipientOf is where a template goes: to one address of the contact, else where the conversation's templates go.
func recipientOf(tx *models.Tx, c *conversations.Conversation, a whatsapp.Address) (conversations.Recipient, error) {
	if a == (whatsapp.Address{}) {
		return conversations.RecipientOf(tx, c)
	}
	return conversations.RecipientAt(tx, c, a)
}

// TestForm is a draft's content, created at Twilio as ContentSid, for one's own phone.
type TestForm struct {
	ConversationID int64
	ContentSid     string
	Values         templates.Values
	Token          string
	To             whatsapp.Address // the phone; empty for the address that replies go to
}

// SendTest queues a draft's content into an open session.
func (s *Service) SendTest(tx *models.Tx, a models.Actor, v *templates.TemplateVersion, f TestForm) error {
	c, err := conversations.ConversationByIDForUpdate(tx, f.ConversationID)
	if err != nil {
		return err
	}
	to, err := recipientOf(tx, c, f.To)
	if err != nil {
		return err
	}
	send := templateSend{conversation: c, to: to, version: v, session: true}
	if err := mayWrite(c); err != nil {
		return err
	}
	if err := send.check(tx); err != nil {
		return err
	}
	m := send.message(f.Values)
	m.ContentSid, m.AuthorID, m.Token = &f.ContentSid, a.ID, tokenOf(f.Token)
	_, err = conversations.QueueMessage(tx, c, m)
	return err
}

// TemplateTextForm is one of the Sandbox's templates as text.
type TemplateTextForm struct {
	ConversationID string // public id
	Text           string
	Token          string
}

// SendTemplateText sends one of the Sandbox's templates by its exact text with the placeholders filled, as Twilio's
// Sandbox expects it. A text that matches none of them is refused before it is sent (field text).
func (s *Service) SendTemplateText(ctx context.Context, a models.Actor, role models.Role, f TemplateTextForm) error {
	c, err := conversations.Read(s.store).ConversationByPublicID(ctx, f.ConversationID)
	if err != nil {
		return err
	}
	if !c.Sender.Sandbox() {
		return models.Invalid("text", "template.text_only_in_sandbox")
	}
	versions, err := templates.Read(s.store).ApprovedVersions(ctx, true, role)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if values, ok := whatsapp.Match(v.Body, f.Text); ok {
			return s.SendTemplate(ctx, a, role, TemplateForm{
				ConversationID: f.ConversationID,
				VersionID:      v.PublicID,
				Values:         values,
				Token:          f.Token,
			})
		}
	}
	return models.Invalid("text", "sandbox.no_such_template")
}
