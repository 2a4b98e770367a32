package messaging

import (
	"fmt"
	"strings"
	"time"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// learnConsent records what the message says about consent, and answers keywords. Joining the Sandbox is an
// opt-in, and so are START and the word of an opt-in page; STOP is their opposite. A plain message never
// revives an opt-out. It reports whether the message was about consent, and so needs no other automatic answer.
func (s *Service) learnConsent(tx *models.Tx, a *models.Arrival, in twilio.Inbound) (bool, error) {
	c, conv, words := a.Contact, a.Conversation, a.Keywords
	e := models.ConsentEvent{Kind: whatsapp.OptedIn, ReceiptID: &a.ReceiptID, Proof: "WhatsApp message " + in.Sid + ": " + cut(in.Body, 300)}
	word := words.Of(in.Body)
	if in.Tapped {
		word = whatsapp.KeywordOfTap(in.Body)
	}
	sandbox := conv.Sender.Sandbox()
	if a.HasPages && !in.Tapped && word != whatsapp.StopKeyword {
		page, err := tx.OptinByKeyword(conv.SenderID, in.Body)
		if err != nil {
			return false, err
		}
		if page != nil {
			return true, s.optIn(tx, c, conv, page, e)
		}
	}
	switch {
	case sandbox && whatsapp.IsJoin(in.Body, conv.Sender.JoinWords):
		e.Source, e.Wording = whatsapp.SourceSandboxJoin, "Send “join "+conv.Sender.JoinWords+"” to receive our WhatsApp messages."
	case word == whatsapp.StopKeyword:
		e.Kind, e.Source = whatsapp.OptedOut, whatsapp.SourceKeyword
	case word == whatsapp.StartKeyword && c.Consent != whatsapp.OptedIn:
		e.Source = whatsapp.SourceKeyword
	case sandbox && c.Consent == whatsapp.ConsentNone:
		// Twilio passes messages on only from phones that joined, whether or not it passed the joining on.
		e.Source, e.Proof = whatsapp.SourceSandboxJoin, "Wrote to the Sandbox, which takes messages only from phones that joined it: "+in.Sid
	default:
		e.Kind = ""
	}
	if e.Kind != "" && (e.Kind != whatsapp.OptedOut || c.Consent != whatsapp.OptedOut) {
		if err := tx.RecordConsent(models.System("WhatsApp"), c, e); err != nil {
			return true, err
		}
	}
	about := word != whatsapp.NoKeyword || sandbox && whatsapp.IsJoin(in.Body, conv.Sender.JoinWords)
	if word == whatsapp.NoKeyword || sandbox { // the Sandbox answers by itself
		return about, nil
	}
	language := c.Language
	if l := words.Language(in.Body); l != "" {
		language = l
	}
	return about, s.answer(tx, conv, string(word), words.Reply(word, conv.Sender.Name, language))
}

// optIn takes the word of an opt-in page, which a person sends from their own phone. If they filled in the
// page's form before, this confirms it.
func (s *Service) optIn(tx *models.Tx, c *models.Contact, conv *models.Conversation, page *models.OptinSource, e models.ConsentEvent) error {
	request, err := tx.ConfirmOptin(page, c)
	if err != nil {
		return err
	}
	e.Source, e.TopicID, e.Wording = whatsapp.SourceKeyword, page.TopicID, page.Wording
	e.Proof += "\nThe word of the opt-in page “" + page.Name + "”"
	if request != nil {
		e.Source, e.Wording = whatsapp.SourceWebForm, request.Wording
		e.Proof += fmt.Sprintf(", whose form was sent in on %s from %s", request.CreatedAt.UTC().Format(time.RFC3339), request.IP)
	}
	if page.TopicID != nil && c.Consent == whatsapp.OptedOut {
		// Who left everything and joins a topic is opted in again: that is what they just asked for.
		general := e
		general.TopicID = nil
		if err := tx.RecordConsent(models.System("WhatsApp"), c, general); err != nil {
			return err
		}
	}
	if err := tx.RecordConsent(models.System("WhatsApp"), c, e); err != nil {
		return err
	}
	if err := tx.TagContact(c, page.TagID); err != nil {
		return err
	}
	return s.answer(tx, conv, "optin-"+page.PublicID, strings.ReplaceAll(page.Reply, whatsapp.BusinessMark, page.Business))
}

// answer queues an automatic reply into the session that the message has just opened. The same reply goes out
// at most once in an hour, so that two machines don't talk to each other.
func (s *Service) answer(tx *models.Tx, conv *models.Conversation, what, text string) error {
	if strings.TrimSpace(text) == "" || mayWrite(conv) != nil {
		return nil
	}
	token := fmt.Sprintf("auto-%s-%s-%d", conv.PublicID, what, tx.Now().Unix()/3600)
	m := &models.Message{Body: text, Priority: models.PriorityReply, Token: &token}
	if what == string(whatsapp.HelpKeyword) { // a person who asks for help still waits for one who helps
		m.Rule = "help"
	}
	_, err := tx.QueueMessage(conv, m)
	return err
}

// learnOptOut records an opt-out that Twilio knows of and we did not: 21610, or 63014, a blocked sender.
func (s *Service) learnOptOut(tx *models.Tx, sid string, code int, receiptID int64) error {
	if code != 21610 && code != 63014 {
		return nil
	}
	var id string
	err := tx.Raw(`SELECT c.public_id FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id
		WHERE m.twilio_sid = ?`, sid).Scan(&id).Error
	if err != nil || id == "" {
		return err
	}
	return recordTwilioOptOut(tx, id, code, sid, &receiptID)
}

func recordTwilioOptOut(tx *models.Tx, contactPublicID string, code int, what string, receiptID *int64) error {
	c, err := tx.ContactForUpdate(contactPublicID)
	if err != nil || c.Consent == whatsapp.OptedOut {
		return err
	}
	return tx.RecordConsent(models.System("Twilio"), c, models.ConsentEvent{Kind: whatsapp.OptedOut, Source: whatsapp.SourceTwilio,
		Proof: fmt.Sprintf("Twilio answered %d (%s) for %s", code, whatsapp.Explain(code, "").Meaning, what), ReceiptID: receiptID})
}
