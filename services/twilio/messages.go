package twilio

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Message is one WhatsApp message to send: Body (up to 1,600 characters) and MediaURL, or ContentSid
// with its variables. Templates have left only by ContentSid since April 2025.
type Message struct {
	From, To         string // whatsapp:+E164, or whatsapp:CC.ID for To
	Body             string
	MediaURL         string
	PersistentAction string // geo:LAT,LONG|Label
	ContentSid       string
	ContentVariables string // JSON object
	StatusCallback   string
	Validity         time.Duration // how long Twilio may keep it in its queue; 0: as long as Twilio does
}

// MaxValidity is Twilio's longest ValidityPeriod, and its default. Source: Twilio, Message resource, ValidityPeriod.
const MaxValidity = 36_000 * time.Second

// Taken is what Twilio says about a message that it accepted.
type Taken struct {
	Sid       string
	Status    string
	From, To  string
	Body      string
	Media     int       // files that went with it
	Created   time.Time // zero if Twilio gives no date that can be read
	SentAt    time.Time // zero before it was sent
	Hidden    bool      // the account hides numbers: To is this person or somebody with a similar number
	ErrorCode int
}

// Send asks Twilio once to send m. There is no idempotency key: after an error whose outcome is
// OutcomeUnknown, look the message up with Listed before sending it again.
func (c *Client) Send(m Message) (Taken, error) {
	p := (&api.CreateMessageParams{}).SetFrom(m.From).SetTo(m.To)
	if m.ContentSid != "" {
		p.SetContentSid(m.ContentSid).SetContentVariables(m.ContentVariables)
	} else {
		if m.Body != "" {
			p.SetBody(m.Body)
		}
		if m.MediaURL != "" {
			p.SetMediaUrl([]string{m.MediaURL})
		}
		if m.PersistentAction != "" {
			p.SetPersistentAction([]string{m.PersistentAction})
		}
	}
	if m.StatusCallback != "" {
		p.SetStatusCallback(m.StatusCallback)
	}
	if m.Validity > 0 {
		p.SetValidityPeriod(int(min(max(m.Validity, time.Second), MaxValidity) / time.Second))
	}
	out, err := c.messages.CreateMessage(p)
	if err != nil {
		return Taken{}, decode(err)
	}
	t := taken(*out)
	if t.Sid == "" {
		return t, &Error{Message: "Twilio's answer names no message", Outcome: OutcomeUnknown}
	}
	return t, nil
}

// Fetch asks for one message's status.
func (c *Client) Fetch(sid string) (Taken, error) {
	m, err := c.messages.FetchMessage(sid, &api.FetchMessageParams{})
	if err != nil {
		return Taken{}, decode(err)
	}
	return taken(*m), nil
}

func taken(m api.ApiV2010Message) Taken {
	t := Taken{
		Sid:     text(m.Sid),
		Status:  text(m.Status),
		From:    text(m.From),
		To:      text(m.To),
		Body:    text(m.Body),
		Created: moment(m.DateCreated),
		SentAt:  moment(m.DateSent),
	}
	t.Media, _ = strconv.Atoi(text(m.NumMedia)) // not a number: none
	if t.Created.IsZero() {
		t.Created = t.SentAt // never before it was created
	}
	if m.ErrorCode != nil {
		t.ErrorCode = *m.ErrorCode
	}
	return t
}

// moment reads a date of Twilio's, RFC 2822 in GMT; the zero time if it is none.
func moment(s *string) time.Time {
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, time.RFC3339} {
		if t, err := time.Parse(layout, text(s)); err == nil {
			return t
		}
	}
	return time.Time{}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Check asks Twilio whether the credentials are good.
func (c *Client) Check() error {
	_, err := c.messages.PageMessage((&api.ListMessageParams{}).SetPageSize(1), "", "")
	if err := decode(err); err != nil {
		return fmt.Errorf("check credentials: %w", err)
	}
	return nil
}

// CodeOf is Twilio's error code in err, 0 if there is none.
func CodeOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// ShowTyping shows the person who wrote a message that somebody types, for up to 25 seconds, and marks the message as
// read (Twilio's Typing Indicators API, v2).
func (c *Client) ShowTyping(messageSid string) error {
	form := url.Values{"messageId": {messageSid}, "channel": {"whatsapp"}}
	res, err := c.handler.Post(
		"https://messaging.twilio.com/v2/Indicators/Typing.json",
		form,
		map[string]any{"Content-Type": "application/x-www-form-urlencoded"},
		"",
	)
	if err != nil {
		return decode(err)
	}
	return res.Body.Close()
}
