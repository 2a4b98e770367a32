package messaging

import (
	"fmt"
	"strings"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/people"
	"parley/models/people/optins"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/plaintext"
)

// learnConsent records what the message says about consent, and replies to keywords. START and the keyword of an opt-in
// page are an opt-in, STOP is an opt-out. Joining the Sandbox, or START written to it, is an opt-in to the Sandbox
// alone: neither names the business, while an opt-in page does, no matter where its keyword is sent. Neither joining
// nor a plain message ends an opt-out. It reports whether the message was about consent, and so needs no other
// automatic reply.
func (s *Service) learnConsent(tx *models.Tx, a *arrivals.Arrival, in twilio.Inbound) (bool, error) {
	st, err := readStatement(tx, a, in)
	if err != nil {
		return false, err
	}
	page, err := st.optinPage(tx)
	if err != nil {
		return false, err
	}
	if page != nil {
		return true, s.optIn(tx, a, page, st.event())
	}
	e, says := st.consentEvent()
	if says && (e.Kind != whatsapp.OptedOut || a.Contact.Consent != whatsapp.OptedOut) {
		if err := people.RecordConsent(tx, models.System("WhatsApp"), a.Contact, e); err != nil {
			return true, err
		}
	}
	return st.word != intent.NoKeyword || st.joins(), s.answerKeyword(tx, st)
}

// statement is what a message says about consent.
type statement struct {
	arrival *arrivals.Arrival
	in      twilio.Inbound // with the id of a tapped button, if it is known
	word    intent.Keyword
	proof   string
}

func readStatement(tx *models.Tx, a *arrivals.Arrival, in twilio.Inbound) (statement, error) {
	st := statement{
		arrival: a,
		in:      in,
		word:    a.Keywords.Of(in.Body),
		proof:   "WhatsApp message " + in.Sid + ": " + plaintext.Shorten(in.Body, 300),
	}
	if !tapped(in) {
		return st, nil
	}
	var err error
	if st.word, err = tapWord(tx, a.Keywords, &st.in); err != nil {
		return st, err
	}
	if st.in.Payload == "" {
		st.proof += " (tapped)"
	} else {
		st.proof += " (tapped, id " + plaintext.Cut(st.in.Payload, 100) + ")"
	}
	return st, nil
}

// optinPage is the opt-in page whose keyword the message is, nil for none.
func (st statement) optinPage(tx *models.Tx) (*optins.OptinSource, error) {
	if !st.arrival.HasPages || tapped(st.in) || st.word == intent.StopKeyword {
		return nil, nil
	}
	return optins.OptinByKeyword(tx, st.arrival.Conversation.SenderID, st.in.Body)
}

// joins reports whether the message joins the Sandbox.
func (st statement) joins() bool {
	sender := st.arrival.Conversation.Sender
	return sender.Sandbox() && whatsapp.IsJoin(st.in.Body, sender.JoinWords)
}

// event is an opt-in by the message, without its source.
func (st statement) event() people.ConsentEvent {
	return people.ConsentEvent{
		Kind:       whatsapp.OptedIn,
		ReceiptID:  &st.arrival.ReceiptID,
		OccurredAt: st.arrival.At,
		Proof:      st.proof,
	}
}

// consentEvent is the consent event of a message that is not an opt-in page's keyword; says reports whether there is
// one.
func (st statement) consentEvent() (e people.ConsentEvent, says bool) {
	c, sender := st.arrival.Contact, st.arrival.Conversation.Sender
	e = st.event()
	switch {
	case st.joins():
		e.Source = whatsapp.SourceSandboxJoin
		e.Wording = "Send “join " + sender.JoinWords + "” to receive our WhatsApp messages."
	case st.word == intent.StopKeyword:
		e.Kind, e.Source = whatsapp.OptedOut, whatsapp.SourceKeyword
	case st.word == intent.StartKeyword && !c.OptedInTo(sender):
		if e.Source = whatsapp.SourceKeyword; sender.Sandbox() {
			e.Scope = whatsapp.ScopeSandbox
		}
	case sender.Sandbox() && c.Consent == whatsapp.ConsentNone && !mayOptOut(st.arrival.Keywords, st.in):
		// Twilio only forwards messages from phones that joined, even if it did not forward the join message.
		e.Source = whatsapp.SourceSandboxJoin
		e.Proof = "Wrote to the Sandbox, which takes messages only from phones that joined it: " + st.in.Sid
	default:
		return e, false
	}
	return e, true
}

// answerKeyword replies to a keyword as the settings say. The Sandbox replies by itself.
func (s *Service) answerKeyword(tx *models.Tx, st statement) error {
	words, conv := st.arrival.Keywords, st.arrival.Conversation
	if st.word == intent.NoKeyword || conv.Sender.Sandbox() {
		return nil
	}
	language := words.Language(st.in.Body)
	if language == "" {
		language = st.arrival.Contact.Language
	}
	return s.answer(tx, conv, string(st.word), words.Reply(st.word, conv.Sender.Name, language))
}

// tapped reports whether a message is a tap on a button or a list's item, named or not.
func tapped(in twilio.Inbound) bool {
	return in.Tapped || in.Type == "button" || in.Type == "interactive"
}

// tapWord reads a tap by the button's text and id. If Twilio does not send the id, it is taken from our template and
// stored in in.Payload.
func tapWord(tx *models.Tx, words intent.Keywords, in *twilio.Inbound) (intent.Keyword, error) {
	title := in.TapTitle
	if title == "" {
		title = in.Body
	}
	word := words.OfTap(title, in.Payload)
	if word == intent.StopKeyword || in.Payload != "" || in.RepliedSid == "" {
		return word, nil
	}
	content, err := templates.ContentOf(tx, in.RepliedSid)
	if err != nil {
		return word, err
	}
	in.Payload = content.ButtonID(title)
	return words.OfTap(title, in.Payload), nil
}

// mayOptOut reports whether a message that is not a keyword may be an opt-out, which an agent has to read.
func mayOptOut(words intent.Keywords, in twilio.Inbound) bool {
	if tapped(in) {
		return words.TapMentions(in.Body, in.Payload)
	}
	return words.Mentions(in.Body)
}

// optIn handles the keyword of an opt-in page, which a person sends from their own phone. If they filled in the page's
// form before, this confirms it.
func (s *Service) optIn(
	tx *models.Tx,
	a *arrivals.Arrival,
	page *optins.OptinSource,
	e people.ConsentEvent,
) error {
	c := a.Contact
	request, err := optins.ConfirmOptin(tx, page, c)
	if err != nil {
		return err
	}
	e.Source, e.TopicID, e.Wording = whatsapp.SourceKeyword, page.TopicID, page.Wording
	e.Proof += "\nThe word of the opt-in page “" + page.Name + "”"
	if request != nil {
		e.Source, e.Wording = whatsapp.SourceWebForm, request.Wording
		e.Proof += fmt.Sprintf(
			", whose form was sent in on %s from %s",
			request.CreatedAt.UTC().Format(time.RFC3339),
			request.IP,
		)
	}
	if page.TopicID != nil && c.StaysOut() {
		// A person who opted out of everything and opts in to a topic is opted in again: they just asked for it.
		general := e
		general.TopicID = nil
		if err := people.RecordConsent(tx, models.System("WhatsApp"), c, general); err != nil {
			return err
		}
	}
	if err := people.RecordConsent(tx, models.System("WhatsApp"), c, e); err != nil {
		return err
	}
	if err := optins.TagContact(tx, c, page.TagID); err != nil {
		return err
	}
	text := strings.ReplaceAll(page.Reply, intent.BusinessMark, page.Business)
	return s.answer(tx, a.Conversation, "optin-"+page.PublicID, text)
}

// answer queues an automatic reply into the session that the message has just opened. The same reply goes out
// at most once in an hour, so that two machines don't talk to each other.
func (s *Service) answer(tx *models.Tx, conv *conversations.Conversation, what, text string) error {
	if strings.TrimSpace(text) == "" || mayWrite(conv) != nil || reachable(tx, conv, false) != nil ||
		!conv.WindowOpen(tx.Now()) {
		return nil
	}
	token := fmt.Sprintf("auto-%s-%s-%d", conv.PublicID, what, tx.Now().Unix()/3600)
	m := &conversations.Message{Body: text, Priority: conversations.PriorityReply, Token: &token}
	if what == string(intent.HelpKeyword) { // a person who asks for help still waits for an agent
		m.Rule = "help"
	}
	_, err := conversations.QueueMessage(tx, conv, m)
	return err
}

// learnOptOut records an opt-out that a status callback reports. If the message is not known, because its sid is not
// stored yet or because another program sent it, the callback still names the recipient.
func learnOptOut(tx *models.Tx, cb status, receiptID int64) error {
	if !whatsapp.OptOutCode(cb.ErrorCode) {
		return nil
	}
	known, err := conversations.OptOutByTwilio(
		tx,
		conversations.TwilioOptOut{Sid: cb.Sid, Code: cb.ErrorCode, ReceiptID: &receiptID},
	)
	if err != nil || known {
		return err
	}
	to, err := whatsapp.ParseAddress(cb.Form.Get("To"))
	if err != nil {
		return nil //nolint:nilerr // no recipient is named
	}
	c, _, err := people.ContactAtMatch(tx, to.Match())
	if err != nil || c == nil {
		return err
	}
	_, err = conversations.OptOutByTwilio(
		tx,
		conversations.TwilioOptOut{Sid: cb.Sid, ContactID: c.ID, Code: cb.ErrorCode, ReceiptID: &receiptID},
	)
	return err
}
