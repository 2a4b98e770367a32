package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	messaging "github.com/twilio/twilio-go/rest/messaging/v2"
)

// Sender is a WhatsApp sender as Twilio knows it (Senders API, v2).
type Sender struct {
	Sid   string
	Phone string // E.164
	// Status is CREATING, OFFLINE, PENDING_VERIFICATION, VERIFYING, ONLINE, ONLINE:UPDATING, TWILIO_REVIEW, DRAFT or
	// STUBBED.
	Status         string
	WabaID         string
	CallbackURL    string
	Profile        SenderProfile
	Quality        string
	MessagingLimit string
	OfflineReasons []OfflineReason
}

// OfflineReason is why a sender is offline, in Twilio's words.
type OfflineReason struct{ Code, Message string }

// SenderProfile is what people see of a sender. About has at most 139 characters, Address 256, Description 512.
type SenderProfile struct {
	Name, About, Address, Description, LogoURL, Vertical, Website, Email string
}

// NewSender is a number to register.
type NewSender struct {
	Phone, WabaID, CodeMethod string // CodeMethod: sms or voice
	Profile                   SenderProfile
	CallbackURL, StatusURL    string
}

func (p SenderProfile) out() *messaging.MessagingV2Profile {
	some := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	v := &messaging.MessagingV2Profile{
		Name:        some(p.Name),
		About:       some(p.About),
		Address:     some(p.Address),
		Description: some(p.Description),
		LogoUrl:     some(p.LogoURL),
		Vertical:    some(p.Vertical),
	}
	if p.Website != "" {
		var list any = []map[string]string{{"website": p.Website, "label": "Website"}}
		v.Websites = &list
	}
	if p.Email != "" {
		var list any = []map[string]string{{"email": p.Email, "label": "Email"}}
		v.Emails = &list
	}
	return v
}

func webhook(callback, status string) *messaging.MessagingV2Webhook {
	post := "POST"
	return &messaging.MessagingV2Webhook{
		CallbackUrl:          &callback,
		CallbackMethod:       &post,
		StatusCallbackUrl:    &status,
		StatusCallbackMethod: &post,
	}
}

// CreateSender asks Twilio to register a number. A number can be registered once: after an error with an unknown
// outcome, look it up with Senders. Twilio takes at most 10 registrations of a number in 72 hours.
func (c *Client) CreateSender(n NewSender) (Sender, error) {
	id, method := "whatsapp:"+n.Phone, n.CodeMethod
	conf := &messaging.MessagingV2Configuration{VerificationMethod: &method}
	if n.WabaID != "" {
		conf.WabaId = &n.WabaID
	}
	out, err := c.senders.CreateChannelsSender(
		(&messaging.CreateChannelsSenderParams{}).SetMessagingV2Create(messaging.MessagingV2Create{SenderId: &id,
			Configuration: conf, Profile: n.Profile.out(), Webhook: webhook(n.CallbackURL, n.StatusURL)}),
	)
	return senderOr(out, err)
}

// VerifySender submits the code that the number received. The answer to a change only has Sid and Status.
func (c *Client) VerifySender(sid, code string) (Sender, error) {
	return c.updateSender(
		sid,
		messaging.MessagingV2Update{Configuration: &messaging.MessagingV2Configuration{VerificationCode: &code}},
	)
}

// SetSenderProfile changes what people see of a sender. A new name is reviewed by WhatsApp again.
func (c *Client) SetSenderProfile(sid string, p SenderProfile) (Sender, error) {
	return c.updateSender(sid, messaging.MessagingV2Update{Profile: p.out()})
}

// SetSenderWebhooks changes where Twilio sends a sender's messages and statuses.
func (c *Client) SetSenderWebhooks(sid, callback, status string) (Sender, error) {
	return c.updateSender(sid, messaging.MessagingV2Update{Webhook: webhook(callback, status)})
}

func (c *Client) updateSender(sid string, u messaging.MessagingV2Update) (Sender, error) {
	out, err := c.senders.UpdateChannelsSender(sid, (&messaging.UpdateChannelsSenderParams{}).SetMessagingV2Update(u))
	return senderOr(out, err)
}

// FetchSender asks for a sender's state.
func (c *Client) FetchSender(sid string) (Sender, error) {
	out, err := c.senders.FetchChannelsSender(sid)
	return senderOr(out, err)
}

// Senders are all of the account's WhatsApp senders.
func (c *Client) Senders(ctx context.Context) ([]Sender, error) {
	out := []Sender{}
	first := "https://messaging.twilio.com/v2/Channels/Senders?Channel=whatsapp&PageSize=1000"
	err := c.pages(ctx, first, func(d *json.Decoder) (string, bool, error) {
		var page messaging.ListChannelsSenderResponse
		if err := d.Decode(&page); err != nil {
			return "", false, err
		}
		if page.Senders == nil {
			return "", false, errors.New("it has no senders")
		}
		for _, s := range page.Senders {
			out = append(out, senderOf(s))
		}
		return text(page.Meta.NextPageUrl), false, nil
	})
	return out, err
}

func senderOr(s *messaging.MessagingV2ChannelsSenderResponse, err error) (Sender, error) {
	if err != nil {
		return Sender{}, decode(err)
	}
	out := senderOf(*s)
	if out.Sid == "" {
		return out, &Error{Message: "Twilio's answer names no sender", Outcome: OutcomeUnknown}
	}
	return out, nil
}

func senderOf(s messaging.MessagingV2ChannelsSenderResponse) Sender {
	out := Sender{Sid: text(s.Sid), Phone: strings.TrimPrefix(text(s.SenderId), "whatsapp:"), Status: text(s.Status)}
	if c := s.Configuration; c != nil {
		out.WabaID = text(c.WabaId)
	}
	if w := s.Webhook; w != nil {
		out.CallbackURL = text(w.CallbackUrl)
	}
	if p := s.Properties; p != nil {
		out.Quality, out.MessagingLimit = text(p.QualityRating), text(p.MessagingLimit)
	}
	if p := s.Profile; p != nil {
		out.Profile = SenderProfile{
			Name:        text(p.Name),
			About:       text(p.About),
			Address:     text(p.Address),
			Description: text(p.Description),
			LogoURL:     text(p.LogoUrl),
			Vertical:    text(p.Vertical),
		}
		if p.Websites != nil && len(*p.Websites) > 0 {
			out.Profile.Website = (*p.Websites)[0].Website
		}
		if p.Emails != nil && len(*p.Emails) > 0 {
			out.Profile.Email = (*p.Emails)[0].Email
		}
	}
	if s.OfflineReasons != nil {
		for _, r := range *s.OfflineReasons {
			out.OfflineReasons = append(out.OfflineReasons, OfflineReason{text(r.Code), text(r.Message)})
		}
	}
	return out
}
