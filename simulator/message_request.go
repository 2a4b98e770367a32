package simulator

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"parley/whatsapp"
)

// refusal is why Twilio does not accept a message.
type refusal struct {
	code int
	text string
}

// messageRequest is a message that a caller wants to send, with the parameters of CreateMessage.
type messageRequest struct {
	to, from whatsapp.Address
	body     string
	media    string            // an address
	content  *Content          // nil for a free-form message
	values   map[string]string // of the content's variables
	place    string            // geo:latitude,longitude|label
	callback string
	validity int // seconds, 0 for as long as Twilio keeps it
}

// readMessage checks a call part by part, in the order of Twilio's own checks. The caller holds the lock.
func (s *Simulator) readMessage(form url.Values) (messageRequest, *refusal) {
	var r messageRequest
	if refused := s.readAddresses(form, &r); refused != nil {
		return r, refused
	}
	if refused := s.readContent(form, &r); refused != nil {
		return r, refused
	}
	refused := readDelivery(form, &r)
	return r, refused
}

func (s *Simulator) readAddresses(form url.Values, r *messageRequest) *refusal {
	var err error
	if r.to, err = whatsapp.ParseAddress(form.Get("To")); err != nil {
		return &refusal{code: 21211, text: "The 'To' number " + form.Get("To") + " is not a valid phone number."}
	}
	if r.from, err = whatsapp.ParseAddress(form.Get("From")); err != nil || !s.sends(r.from.Phone) {
		return &refusal{code: 63007, text: "Twilio could not find a Channel with the specified From address"}
	}
	return nil
}

func (s *Simulator) readContent(form url.Values, r *messageRequest) *refusal {
	r.body, r.media, r.place = form.Get("Body"), form.Get("MediaUrl"), form.Get("PersistentAction")
	sid := form.Get("ContentSid")
	switch {
	case sid == "" && whatsapp.Length(r.body) > whatsapp.MaxBody:
		return &refusal{code: 21617, text: "The concatenated message body exceeds the 1600 character limit"}
	case sid == "" && r.body == "" && r.media == "" && r.place == "":
		return &refusal{code: 21619, text: "A text message body or media urls must be specified."}
	case sid == "":
		return nil
	}
	if r.content = s.state.Contents[sid]; r.content == nil {
		return &refusal{code: 20404, text: "The requested resource was not found: ContentSid"}
	}
	if v := form.Get("ContentVariables"); v != "" && json.Unmarshal([]byte(v), &r.values) != nil {
		return &refusal{code: 21656, text: "The ContentVariables parameter is invalid."}
	}
	return nil
}

func readDelivery(form url.Values, r *messageRequest) *refusal {
	if r.callback = form.Get("StatusCallback"); r.callback != "" {
		if u, err := url.Parse(r.callback); err != nil || u.Host == "" {
			return &refusal{code: 21609, text: "The StatusCallback URL " + r.callback + " is not a valid URL."}
		}
	}
	validity := form.Get("ValidityPeriod")
	if validity == "" {
		return nil
	}
	var err error
	if r.validity, err = strconv.Atoi(validity); err != nil || r.validity < 1 || r.validity > 36000 {
		return &refusal{code: 90007, text: "ValidityPeriod must be an integer from 1 to 36000."}
	}
	return nil
}

// message is the stored message of a request.
func (r messageRequest) message() *Message {
	m := &Message{
		Sid:      newSid("SM"),
		From:     r.from.String(),
		To:       r.to.String(),
		Body:     r.body,
		Media:    r.media,
		Status:   "queued",
		Callback: r.callback,
		Validity: r.validity,
	}
	if r.content != nil {
		rich := r.content.fill(r.values)
		m.ContentSid, m.Body = r.content.Sid, rich.Body
		m.Rich, m.RichType, m.Media = rich, rich.Type, rich.Media
		m.Latitude, m.Longitude, m.Label = rich.Latitude, rich.Longitude, rich.Label
	}
	if m.Media != "" {
		m.Sid = newSid("MM")
	}
	if geo, ok := strings.CutPrefix(r.place, "geo:"); ok {
		place, label, _ := strings.Cut(geo, "|")
		m.Latitude, m.Longitude, _ = strings.Cut(place, ",")
		m.Label = label
	}
	return m
}
