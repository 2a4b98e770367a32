package messaging

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// Receive stores an inbound message with its contact, conversation, consent and receipt in one
// transaction. A repeated delivery changes nothing but leaves its receipt. When it returns nil, the
// message is safe and the webhook may be answered.
func (s *Service) Receive(ctx context.Context, in twilio.Inbound, form url.Values, d Delivery) error {
	return s.inbound.run(ctx, inbound{in, form, d})
}

// inbound is a message on its way in.
type inbound struct {
	twilio.Inbound
	form url.Values
	Delivery
}

// receiveAll takes messages in the order of their people, each person's in the order in which they came.
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

// Delivery is how a webhook came.
type Delivery struct {
	RequestID  string
	TokenNo    int    // which of our tokens signed it, counted from 1
	ReplayOf   *int64 // the receipt that somebody has played again
	ReplayedBy *int64
}

func (d Delivery) receipt(kind, sid, person string, form url.Values) models.WebhookReceipt {
	return models.WebhookReceipt{Kind: kind, Verdict: "accepted", MessageSid: sid, Form: form.Encode(), RequestID: d.RequestID, TokenNo: d.TokenNo, Person: person, ReplayOf: d.ReplayOf, ReplayedBy: d.ReplayedBy}
}

func personOf(a whatsapp.Address) string {
	if a.Phone != "" {
		return a.Phone
	}
	return cut(a.ID, 130)
}

func (s *Service) receive(tx *models.Tx, d inbound) error {
	in := d.Inbound
	receipt := d.receipt("message", in.Sid, personOf(in.From), d.form)
	a, err := tx.Arrive(in.To.Phone, in.From, in.ProfileName, in.UserID)
	if err != nil {
		return fmt.Errorf("arrive: %w", err)
	}
	msg, err := s.inboundMessage(tx, in, a)
	if err != nil {
		return err
	}
	if msg.Kind == "reaction" {
		return s.takeReaction(tx, a, msg, &receipt)
	}
	receipt.Effect = "Message stored"
	added, kept, err := tx.Arrived(a, msg, &receipt)
	if err != nil {
		return err
	}
	if !added {
		return repeated(tx, &receipt)
	}
	rated, err := tx.Rate(a.Conversation, in.RepliedSid, scoreOf(in.Payload))
	if err != nil {
		return err
	}
	news := s.begin(tx, a.Conversation, a.Desk, rated)
	return errors.Join(
		tx.HeardFrom(a),
		tx.Link(a),
		s.knowProfile(tx, a, in.ProfileName),
		s.updateConversation(tx, a.Conversation, msg, in, rated),
		s.converse(tx, a, in, news),
		s.tellKept(tx, a.Conversation, kept),
		s.addMedia(tx, msg, in.Media))
}

func repeated(tx *models.Tx, r *models.WebhookReceipt) error {
	r.Verdict, r.Effect = "repeated", "Nothing: this message is stored already"
	return tx.Create(r).Error
}

// takeReaction keeps a reaction, which by itself opens no session and needs no answer.
func (s *Service) takeReaction(tx *models.Tx, a *models.Arrival, m *models.Message, r *models.WebhookReceipt) error {
	added, err := tx.AddMessage(m)
	if err != nil {
		return err
	}
	if !added {
		return repeated(tx, r)
	}
	r.Effect = "Reaction stored"
	return errors.Join(tx.Create(r).Error, tx.Link(a), tx.React(a.Conversation, m.ReplyToSid, cutBytes(m.Body, 32)))
}

// converse answers by rule what a person wrote: about consent, else as the desk's settings say.
func (s *Service) converse(tx *models.Tx, a *models.Arrival, in twilio.Inbound, n news) error {
	about, err := s.learnConsent(tx, a, in)
	if err != nil || about || n.rated || a.Contact.BlockedAt != nil {
		return err
	}
	return s.byRule(tx, a.Contact, a.Conversation, a.Desk, n)
}

func (s *Service) inboundMessage(tx *models.Tx, in twilio.Inbound, a *models.Arrival) (*models.Message, error) {
	m := &models.Message{ConversationID: a.Conversation.ID, SenderID: a.Sender.ID, AddressID: &a.AddressID, Direction: "inbound", Kind: kindOf(in),
		Body: cut(in.Body, 4096), Latitude: in.Latitude, Longitude: in.Longitude, Label: cut(in.Label, 500),
		TwilioSid: &in.Sid, ReplyToSid: cut(in.RepliedSid, 64), Status: whatsapp.Received,
		Details: models.Details{Forwarded: in.Forwarded, Payload: cut(in.Payload, 300), From: cut(in.Referral, 300), Address: cut(in.Address, 300)}}
	if m.Body == "" && m.Kind == "other" {
		m.Body = "(a message of a kind that WhatsApp does not pass on: " + cut(in.Type, 40) + ")"
	}
	if a.Contact.Consent != whatsapp.OptedOut && mayOptOut(a.Keywords, in) {
		m.Hint = models.HintOptOut
	}
	if !a.Notified {
		return m, nil
	}
	var err error
	m.Details.Notification, m.Details.NotificationName, err = tx.Answers(a.Conversation.ID)
	return m, err
}

func kindOf(in twilio.Inbound) string {
	switch {
	case in.Type == "reaction" && in.RepliedSid != "":
		return "reaction"
	case in.Type == "contacts":
		return "contacts"
	case len(in.Media) > 0:
		return "media"
	case in.Latitude != nil:
		return "location"
	case in.Type == "button" || in.Type == "interactive":
		return "interactive"
	case in.Body == "":
		return "other"
	}
	return "text"
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// cutBytes keeps at most n bytes, whole characters.
func cutBytes(s string, n int) string {
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// knowProfile keeps the name that a person gave themselves at WhatsApp.
func (s *Service) knowProfile(tx *models.Tx, a *models.Arrival, name string) error {
	changed := name != "" && name != a.Contact.ProfileName
	if changed {
		if err := tx.Model(&models.Contact{}).Where("id = ?", a.Contact.ID).Update("profile_name", cut(name, 200)).Error; err != nil {
			return err
		}
	}
	if a.New || changed {
		return tx.Tell("contacts", "contact-"+a.Contact.PublicID)
	}
	return nil
}

// updateConversation brings a conversation up to date with a message. An answer to the rating question opens
// nothing again and waits for nobody, but it does keep the session open.
func (s *Service) updateConversation(tx *models.Tx, c *models.Conversation, m *models.Message, in twilio.Inbound, rated bool) error {
	now := tx.Now()
	closes := whatsapp.WindowCloses(now)
	c.LastInboundAt, c.WindowClosesAt = &now, &closes
	c.LastMessageAt, c.LastLine, c.LastDirection = &now, models.LineOf(m), "inbound"
	memberOf(tx, c, in.Body)
	if rated {
		return errors.Join(tx.SaveConversation(c), tx.Tell("contact-"+c.Contact.PublicID))
	}
	if c.WaitingSince == nil || c.State == models.ConversationResolved {
		c.WaitingSince = &now
	}
	c.UnreadCount++
	if c.State != models.ConversationOpen {
		return errors.Join(tx.ChangeConversation(models.By{Rule: "wrote"}, c, func(c *models.Conversation) {
			c.State, c.SnoozedUntil = models.ConversationOpen, nil
		}), tx.Tell("contact-"+c.Contact.PublicID))
	}
	return errors.Join(tx.SaveConversation(c), tx.Tell("contact-"+c.Contact.PublicID))
}

func (s *Service) addMedia(tx *models.Tx, m *models.Message, media []twilio.InboundMedia) error {
	for i, f := range media {
		row := models.MediaFile{MessageID: m.ID, Position: i, ContentType: cut(f.ContentType, 200), SourceURL: f.URL}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Enqueue(FetchMediaArgs{MediaID: row.ID}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Refetch asks again for a file that could not be fetched. It returns the conversation's public id.
func (s *Service) Refetch(ctx context.Context, mediaID string) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		f, conv, err := tx.AskForMedia(mediaID)
		conversationID = conv
		if err != nil {
			return err
		}
		return tx.Enqueue(FetchMediaArgs{MediaID: f.ID}, nil)
	})
	return conversationID, err
}
