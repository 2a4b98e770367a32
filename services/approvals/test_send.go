package approvals

import (
	"context"
	"strconv"

	"parley/models"
	"parley/services/messaging"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// TestArgs asks a job to send a draft to one's own phone.
type TestArgs struct {
	VersionID      int64         `json:"version_id"`
	Version        int           `json:"version"`
	ConversationID int64         `json:"conversation_id"`
	UserID         int64         `json:"user_id"`
	Values         models.Values `json:"values"`
	Token          string        `json:"token"`
	Phone          string        `json:"phone"` // E.164; empty in jobs from before it was kept
}

// Kind names the job.
func (TestArgs) Kind() string { return "test_template" }

// TestSend sends a version with its samples to the person's own phone. A draft is no template yet, so it
// can only go into the open session that the phone has with the sender: as text, or, with buttons and the
// like, as a content without approval. It returns the conversation's public id. Refusals name phone or
// sender.
func (s *Service) TestSend(
	ctx context.Context,
	u *models.User,
	a models.Actor,
	versionID, senderID, typed, token string,
) (string, error) {
	number, err := phone.Read(typed, "")
	if err != nil {
		return "", models.InvalidBecause("phone", err)
	}
	v, err := s.store.VersionByPublicID(ctx, versionID)
	if err != nil {
		return "", err
	}
	sender, err := s.store.SenderByPublicID(ctx, senderID)
	if err != nil {
		return "", models.Invalid("sender", "Choose a sender.")
	}
	if v.Unfillable != "" {
		return "", models.Conflict("This template can't be sent. " + v.Unfillable)
	}
	values := models.Values{}
	for i, n := range v.Names() {
		sample := v.Samples()[n]
		if p := whatsapp.ValueProblem(n, sample); p != "" {
			return "", models.Invalid(
				"sample:"+n,
				"Give every placeholder a sample before you test: "+n+" has none that can be sent.",
			)
		}
		values[strconv.Itoa(i+1)] = sample
	}
	to := whatsapp.Address{Phone: number.E164}
	conv, err := s.store.ConversationAt(ctx, to, sender.ID)
	if err != nil {
		return "", err
	}
	if conv == nil && number.Verdict != phone.Valid { // nobody wrote from it, so nothing confirms it
		return "", models.InvalidBecause("phone", number.Unconfirmed())
	}
	if err := s.store.SetPhone(ctx, a, u, number.E164); err != nil {
		return "", err
	}
	open := false
	if conv != nil {
		own, err := s.store.RecipientAt(ctx, conv, to)
		if err != nil {
			return "", err
		}
		open = own.WindowOpen(s.store.Now())
	}
	asTemplate := v.State == whatsapp.Approved && v.Template.Sandbox == sender.Sandbox()
	if conv == nil || !asTemplate && !open {
		return "", noSession(sender)
	}
	if asTemplate {
		f := messaging.TemplateForm{
			ConversationID: conv.PublicID,
			VersionID:      v.PublicID,
			Values:         values,
			Token:          token,
			To:             to,
		}
		return conv.PublicID, s.messaging.SendTemplateTo(ctx, a, u.Role, f)
	}
	t := TestArgs{
		VersionID:      v.ID,
		Version:        v.Version,
		ConversationID: conv.ID,
		UserID:         u.ID,
		Values:         values,
		Token:          token,
		Phone:          number.E164,
	}
	return conv.PublicID, s.testInSession(ctx, a, v, conv.PublicID, t)
}

// noSession refuses a test that needs an open session, and says how to open one.
func noSession(sender *models.Sender) error {
	number := whatsapp.ShowPhone(sender.Phone)
	if sender.Sandbox() {
		return models.Invalid("phone", "test_send.not_joined", "Words", sender.JoinWords, "Number", number)
	}
	return models.Invalid("phone", "test_send.no_session", "Number", number)
}

func (s *Service) testInSession(
	ctx context.Context,
	a models.Actor,
	v *models.TemplateVersion,
	conversation string,
	t TestArgs,
) error {
	c := v.Whole()
	if v.State != whatsapp.Draft && v.State != whatsapp.Ready && v.State != whatsapp.Approved {
		return models.Conflict("This version is " + string(v.State) + ": make a new version and test that one.")
	}
	if c.Type == whatsapp.TypeText {
		f := messaging.ReplyForm{
			Text:   v.Filled(t.Values).Body,
			Token:  t.Token,
			Anyway: true,
			To:     whatsapp.Address{Phone: t.Phone},
		}
		return s.messaging.Reply(ctx, a, conversation, f)
	}
	if !c.InSession() {
		return models.Conflict("WhatsApp shows this kind of message only once it is approved: submit it, and test it then.")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.Enqueue(t, nil)
	})
}

// triesOfATest is how often a test is tried while it is in doubt whether Twilio made its content.
const triesOfATest = 3

// TestNow is the job behind TestSend: it makes the content at Twilio, once for each state of the draft,
// and queues the message. try counts from 1.
func (s *Service) TestNow(ctx context.Context, t TestArgs, try int) error {
	v, err := s.store.VersionByID(ctx, t.VersionID)
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
		if err := s.store.StoreTest(ctx, v.ID, sid, t.Version); err != nil {
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

// testFailed tells the person what came of the test, and gives it up.
func (s *Service) testFailed(ctx context.Context, t TestArgs, v *models.TemplateVersion, cause error) error {
	s.log.Warn("a test was not sent", "template", v.Template.Name, "error", cause)
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.Alert(
			[]int64{t.UserID},
			models.Alert{
				Tone:  "bad",
				Title: "The test of " + v.Template.Title() + " was not sent",
				Body:  wordsOf(cause),
				Href:  "/versions/" + v.PublicID + "/edit",
			},
		)
	})
}
