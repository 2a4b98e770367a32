package approvals

import (
	"context"
	"strconv"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// TestArgs asks a job to send a draft to one's own phone.
type TestArgs struct {
	VersionID      int64            `json:"version_id"`
	Version        int              `json:"version"`
	ConversationID int64            `json:"conversation_id"`
	UserID         int64            `json:"user_id"`
	Values         templates.Values `json:"values"`
	Token          string           `json:"token"`
	Phone          string           `json:"phone"` // E.164; empty in jobs of earlier versions
}

// Kind names the job.
func (TestArgs) Kind() string { return "test_template" }

// TestForm is a user's request for a test.
type TestForm struct {
	VersionID, SenderID string // public ids
	Phone               string // as it was typed
	Token               string // identifies the form: the same one twice makes one message
}

// TestSend sends a version with its samples to the person's own phone. A draft is not approved, so it can only be sent
// in the open session that the phone has with the sender: as text, or, with buttons and the like, as a content without
// approval. It returns the conversation's public id. Refusals name phone or sender.
func (s *Service) TestSend(ctx context.Context, u *accounts.User, a models.Actor, f TestForm) (string, error) {
	t, err := s.readTest(ctx, f)
	if err != nil {
		return "", err
	}
	if t.conversation, err = conversations.Read(s.store).ConversationAt(ctx, t.to(), t.sender.ID); err != nil {
		return "", err
	}
	if t.conversation == nil && t.number.Verdict != phone.Valid { // nobody has written from it, so nothing confirms it
		return "", models.InvalidBecause("phone", t.number.Unconfirmed())
	}
	if err := accounts.SetPhone(ctx, s.store, a, u, t.number.E164); err != nil {
		return "", err
	}
	open, err := s.sessionOpen(ctx, t)
	if err != nil {
		return "", err
	}
	asTemplate := t.version.State == whatsapp.Approved && t.version.Template.Sandbox == t.sender.Sandbox()
	switch {
	case t.conversation == nil || !asTemplate && !open:
		return "", noSession(t.sender)
	case asTemplate:
		return t.conversation.PublicID, s.messaging.SendTemplate(ctx, a, u.Role, messaging.TemplateForm{
			ConversationID: t.conversation.PublicID,
			VersionID:      t.version.PublicID,
			Values:         t.values,
			Token:          t.token,
			To:             t.to(),
		})
	}
	return t.conversation.PublicID, s.testInSession(ctx, u, a, t)
}

// ownTest is a test of a version on somebody's own phone.
type ownTest struct {
	version      *templates.TemplateVersion
	sender       *senders.Sender
	number       phone.Number
	values       templates.Values
	token        string
	conversation *conversations.Conversation // of the phone with the sender; nil if there is none
}

func (t ownTest) to() whatsapp.Address { return whatsapp.Address{Phone: t.number.E164} }

func (s *Service) readTest(ctx context.Context, f TestForm) (t ownTest, err error) {
	t.token = f.Token
	if t.number, err = phone.Read(f.Phone, ""); err != nil {
		return t, models.InvalidBecause("phone", err)
	}
	if t.version, err = templates.Read(s.store).VersionByPublicID(ctx, f.VersionID); err != nil {
		return t, err
	}
	if t.sender, err = senders.Read(s.store).SenderByPublicID(ctx, f.SenderID); err != nil {
		return t, models.Invalid("sender", "sender.missing")
	}
	if t.version.Unfillable != "" {
		return t, models.Conflict("template.unfillable", "Reason", t.version.Unfillable)
	}
	t.values, err = sampleValues(t.version)
	return t, err
}

// sampleValues fill a version's placeholders with their samples.
func sampleValues(v *templates.TemplateVersion) (templates.Values, error) {
	values, samples := templates.Values{}, v.Samples()
	for i, n := range v.Names() {
		if whatsapp.ValueProblem(n, samples[n]) != "" {
			return nil, models.Invalid("sample:"+n, "test_send.sample_missing", "Placeholder", n)
		}
		values[strconv.Itoa(i+1)] = samples[n]
	}
	return values, nil
}

// sessionOpen reports whether the phone has an open session with the sender.
func (s *Service) sessionOpen(ctx context.Context, t ownTest) (bool, error) {
	if t.conversation == nil {
		return false, nil
	}
	own, err := conversations.Read(s.store).RecipientAt(ctx, t.conversation, t.to())
	return err == nil && own.WindowOpen(s.store.Now()), err
}

// noSession refuses a test that needs an open session, and says how to open one.
func noSession(sender *senders.Sender) error {
	number := whatsapp.ShowPhone(sender.Phone)
	if sender.Sandbox() {
		return models.Invalid("phone", "test_send.no_session_in_sandbox", "Words", sender.JoinWords, "Number", number)
	}
	return models.Invalid("phone", "test_send.no_session", "Number", number)
}

// testInSession sends a test that is not an approved template: text at once, buttons and the like by a job.
func (s *Service) testInSession(ctx context.Context, u *accounts.User, a models.Actor, t ownTest) error {
	v := t.version
	if v.State != whatsapp.Draft && v.State != whatsapp.Ready && v.State != whatsapp.Approved {
		return models.Conflict("test_send.version_closed", "State", v.State)
	}
	c := v.Whole()
	if c.Type == whatsapp.TypeText {
		return s.messaging.Reply(ctx, a, t.conversation.PublicID, messaging.ReplyForm{
			Text:   v.Filled(t.values).Body,
			Token:  t.token,
			Anyway: true,
			To:     t.to(),
		})
	}
	if !c.InSession() {
		return models.Conflict("test_send.approved_only")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.Enqueue(TestArgs{
			VersionID:      v.ID,
			Version:        v.Version,
			ConversationID: t.conversation.ID,
			UserID:         u.ID,
			Values:         t.values,
			Token:          t.token,
			Phone:          t.number.E164,
		}, nil)
	})
}

// triesOfATest is how often a test is tried while it is unknown whether Twilio created its content.
const triesOfATest = 3

// TestNow is the job behind TestSend: it creates the content at Twilio, once for each state of the draft, and queues
// the message. try counts from 1.
func (s *Service) TestNow(ctx context.Context, t TestArgs, try int) error {
	v, err := templates.Read(s.store).VersionByID(ctx, t.VersionID)
	if err != nil {
		return err
	}
	sid := v.TestSid
	if v.ContentSid != nil {
		sid = *v.ContentSid
	} else if sid == "" || v.TestOf != t.Version {
		sid, err = s.createContent(ctx, contentOf(v, "_test"), try > 1)
		if err != nil && twilio.OutcomeOf(err) == twilio.OutcomeUnknown && try < triesOfATest {
			return err // the job tries again
		}
		if err != nil {
			return s.testFailed(ctx, t, v, err)
		}
		if err := templates.StoreTest(ctx, s.store, v.ID, sid, t.Version); err != nil {
			return err
		}
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		return s.messaging.SendTest(tx, models.Actor{ID: &t.UserID}, v, messaging.TestForm{
			ConversationID: t.ConversationID,
			ContentSid:     sid,
			Values:         t.Values,
			Token:          t.Token,
			To:             whatsapp.Address{Phone: t.Phone},
		})
	})
	if models.KindOf(err) != "" {
		return s.testFailed(ctx, t, v, err)
	}
	return err
}

// testFailed alerts the user that the test failed, and gives it up.
func (s *Service) testFailed(ctx context.Context, t TestArgs, v *templates.TemplateVersion, cause error) error {
	s.log.Warn("a test was not sent", "template", v.Template.Name, "error", cause)
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return models.AddAlert(
			tx,
			[]int64{t.UserID},
			models.Alert{
				Tone:  whatsapp.ToneBad,
				Title: "The test of " + v.Template.Title() + " was not sent",
				Body:  wordsOf(cause),
				Href:  "/versions/" + v.PublicID + "/edit",
			},
		)
	})
}
