package messaging

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/conversations/mediafiles"
	"parley/models/conversations/receipts"
	"parley/models/inbox"
	"parley/models/notifications"
	"parley/models/people"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// inbound is an inbound message being handled.
type inbound struct {
	twilio.Inbound
	Delivery
}

// receiveAll handles messages ordered by person, each person's in the order in which they came.
func (s *Service) receiveAll(tx *models.Tx, list []inbound) ([]int, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b inbound) int { return cmp.Compare(a.From.Match(), b.From.Match()) })
	for _, in := range list {
		if err := s.receive(tx, in); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// receive stores an inbound message with its contact, conversation, consent and receipt in one transaction. A repeated
// delivery only stores its receipt.
func (s *Service) receive(tx *models.Tx, d inbound) error {
	in := d.Inbound
	receipt := d.receipt(receipts.MessageReceipt, in.Sid, tx.Now())
	receipt.Person, receipt.Also = twilio.Person(in.From), in.Also
	a, err := arrivals.Arrive(tx, in.To.Phone, in.From, profileName(in), in.UserID)
	if err != nil {
		return fmt.Errorf("arrive: %w", err)
	}
	a.At, a.Late = d.at(tx), d.late()
	msg, err := s.inboundMessage(tx, in, a)
	if err != nil {
		return err
	}
	if msg.Kind == whatsapp.KindReaction {
		return s.takeReaction(tx, a, msg, &receipt)
	}
	receipt.Effect = andNot("Message stored", in.Unread)
	added, kept, err := arrivals.Arrived(tx, a, msg, &receipt)
	if err != nil {
		return err
	}
	if !added {
		return repeated(tx, &receipt)
	}
	rated, err := inbox.Rate(tx, a.Conversation, in.RepliedSid, scoreOf(in.Payload), a.At)
	if err != nil {
		return err
	}
	news := s.begin(a, rated)
	if err := arrivals.HeardFrom(tx, a); err != nil {
		return err
	}
	if err := arrivals.Link(tx, a); err != nil {
		return err
	}
	if err := s.knowProfile(tx, a, profileName(in)); err != nil {
		return err
	}
	if err := s.updateConversation(tx, a, msg, rated); err != nil {
		return err
	}
	if err := s.converse(tx, a, in, news); err != nil {
		return err
	}
	if err := s.alertAuthors(tx, a.Conversation, kept); err != nil {
		return err
	}
	return s.addMedia(tx, msg, in.Media)
}

func repeated(tx *models.Tx, r *receipts.WebhookReceipt) error {
	r.Verdict, r.Effect = receipts.VerdictRepeated, "Nothing: this message is stored already"
	return receipts.AddReceipt(tx, r)
}

// takeReaction stores a reaction, which doesn't open a session and needs no reply. A reaction to an unknown message is
// stored all the same, and shown by itself.
func (s *Service) takeReaction(
	tx *models.Tx,
	a *arrivals.Arrival,
	m *conversations.Message,
	r *receipts.WebhookReceipt,
) error {
	added, err := conversations.AddMessage(tx, m)
	if err != nil {
		return err
	}
	if !added {
		return repeated(tx, r)
	}
	r.Effect = "Reaction stored"
	if err := receipts.AddReceipt(tx, r); err != nil {
		return err
	}
	if c := a.Conversation; c.LastMessageAt == nil { // so that a conversation that begins with it is listed
		c.LastMessageAt, c.LastLine, c.LastDirection = &m.CreatedAt, conversations.LineOf(m), whatsapp.Inbound
		if err := conversations.SaveConversation(tx, c); err != nil {
			return err
		}
	}
	if m.ReplyToSid == "" {
		tx.Publish(a.Conversation.Topic())
		return arrivals.Link(tx, a)
	}
	if err := arrivals.Link(tx, a); err != nil {
		return err
	}
	return conversations.React(tx, a.Conversation, m.ReplyToSid, cutBytes(m.Body, 32), a.At)
}

// converse replies automatically to what a person wrote: about consent, else by the inbox settings. A message that is
// handled late gets no automatic reply.
func (s *Service) converse(tx *models.Tx, a *arrivals.Arrival, in twilio.Inbound, n news) error {
	var about bool
	if newer := a.Contact.ConsentAt; !a.Late || newer == nil || !newer.After(a.At) {
		var err error
		if about, err = s.learnConsent(tx, a, in); err != nil {
			return err
		}
	}
	switch {
	case about || n.rated || a.Contact.BlockedAt != nil:
		return nil
	case a.Late:
		return s.assignByRule(tx, a.Conversation, a.Desk)
	}
	return s.byRule(tx, a, n)
}

func (s *Service) inboundMessage(
	tx *models.Tx,
	in twilio.Inbound,
	a *arrivals.Arrival,
) (*conversations.Message, error) {
	m := &conversations.Message{
		ConversationID: a.Conversation.ID,
		SenderID:       a.Sender.ID,
		AddressID:      &a.AddressID,
		Direction:      whatsapp.Inbound,
		Kind:           kindOf(in),
		Body:           in.Body,
		Latitude:       in.Latitude,
		Longitude:      in.Longitude,
		Label:          in.Label,
		TwilioSid:      &in.Sid,
		ReplyToSid:     in.RepliedSid,
		Status:         whatsapp.Received,
		CreatedAt:      a.At,
		Details:        details(in.Unread),
	}
	m.Details.Forwarded, m.Details.Payload = in.Forwarded, in.Payload
	m.Details.From, m.Details.Address = in.Referral, in.Address
	for _, answer := range in.Answers {
		m.Details.Answers = append(m.Details.Answers, conversations.Answer(answer))
	}
	if text := conversations.AnswersText(m.Details.Answers); text != "" {
		m.Body = strings.TrimPrefix(m.Body+"\n"+text, "\n")
	}
	if m.Body == "" {
		m.Body = withoutText(m, in.Type)
	}
	if a.Contact.Consent != whatsapp.OptedOut && mayOptOut(a.Keywords, in) {
		m.Hint = conversations.HintOptOut
	}
	if !a.Notified {
		return m, nil
	}
	var err error
	m.Details.Notification, m.Details.NotificationName, err = notifications.Answers(tx, a.Conversation.ID)
	return m, err
}

// withoutText describes a message that came without a text.
func withoutText(m *conversations.Message, twilioType string) string {
	switch {
	case len(m.Details.Unread) > 0: // the page says what is missing
		return ""
	case m.Kind == whatsapp.KindInteractive:
		return "(an answer that came without its content)"
	case m.Kind == whatsapp.KindOther:
		return "(a message of a kind that WhatsApp does not pass on: " + plaintext.Shorten(twilioType, 40) + ")"
	}
	return ""
}

func kindOf(in twilio.Inbound) whatsapp.MessageKind {
	switch {
	case in.Type == "reaction":
		return whatsapp.KindReaction
	case in.Type == "contacts":
		return whatsapp.KindContacts
	case len(in.Media) > 0:
		return whatsapp.KindMedia
	case in.Latitude != nil || in.Type == "location":
		return whatsapp.KindLocation
	case in.Type == "button" || in.Type == "interactive" || len(in.Answers) > 0:
		return whatsapp.KindInteractive
	case in.Body == "":
		return whatsapp.KindOther
	}
	return whatsapp.KindText
}

// cutBytes keeps at most n bytes, whole characters.
func cutBytes(s string, n int) string {
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// knowProfile stores a person's own name on WhatsApp.
func (s *Service) knowProfile(tx *models.Tx, a *arrivals.Arrival, name string) error {
	changed := name != "" && name != a.Contact.ProfileName && (!a.Late || a.Contact.ProfileName == "")
	if changed {
		if err := people.SetProfileName(tx, a.Contact.ID, name); err != nil {
			return err
		}
	}
	if a.New || changed {
		tx.Publish("contacts", "contact-"+a.Contact.PublicID)
		return nil
	}
	return nil
}

// updateConversation updates a conversation with a message. An answer to the rating question doesn't reopen it and
// needs no reply, but it does extend the session. A message that is handled late counts from when it first came: what
// happened since stays.
func (s *Service) updateConversation(
	tx *models.Tx,
	a *arrivals.Arrival,
	m *conversations.Message,
	rated bool,
) error {
	c, at, overtaken := a.Conversation, a.At, a.Overtaken()
	if !overtaken {
		closes := whatsapp.WindowCloses(at)
		c.LastInboundAt, c.WindowClosesAt = &at, &closes
	}
	if !a.Late || c.LastMessageAt == nil || at.After(*c.LastMessageAt) {
		c.LastMessageAt, c.LastLine, c.LastDirection = &at, conversations.LineOf(m), whatsapp.Inbound
	}
	if !overtaken {
		memberOf(c, m.Body, at)
	}
	if rated {
		tx.Publish("contact-" + c.Contact.PublicID)
		return conversations.SaveConversation(tx, c)
	}
	if c.WaitingSince == nil || c.State == conversations.ConversationResolved || at.Before(*c.WaitingSince) {
		c.WaitingSince = &at
	}
	c.UnreadCount++
	if c.State != conversations.ConversationOpen {
		tx.Publish("contact-" + c.Contact.PublicID)
		return conversations.ChangeConversation(tx, conversations.By{Rule: "wrote"}, c, func(c *conversations.Conversation) {
			c.State, c.SnoozedUntil = conversations.ConversationOpen, nil
		})
	}
	tx.Publish("contact-" + c.Contact.PublicID)
	return conversations.SaveConversation(tx, c)
}

func (s *Service) addMedia(tx *models.Tx, m *conversations.Message, media []twilio.InboundMedia) error {
	for i, f := range media {
		row := mediafiles.MediaFile{MessageID: m.ID, Position: i, ContentType: f.ContentType, SourceURL: f.URL}
		if err := mediafiles.AddMedia(tx, &row); err != nil {
			return err
		}
		if err := tx.Enqueue(FetchMediaArgs{MediaID: row.ID}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Refetch has a file fetched again that could not be fetched. It returns the conversation's public id.
func (s *Service) Refetch(ctx context.Context, mediaID string) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		f, conv, err := mediafiles.AskForMedia(tx, mediaID)
		conversationID = conv
		if err != nil {
			return err
		}
		return tx.Enqueue(FetchMediaArgs{MediaID: f.ID}, nil)
	})
	return conversationID, err
}
