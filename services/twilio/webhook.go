package twilio

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/services/whatsapp"
)

var (
	messageSid = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)
	accountSid = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
)

// Inbound is a message from a person, as Twilio's webhook tells it.
type Inbound struct {
	Sid         string
	AccountSid  string
	From, To    whatsapp.Address
	Body        string
	ProfileName string
	Type        string // text, image, audio, video, document, sticker, location, contacts, button, interactive …
	Media       []InboundMedia
	Latitude    *float64
	Longitude   *float64
	Label       string
	RepliedSid  string
	UserID      string // WhatsApp's business-scoped id of the person, empty if it was not told
	Payload     string // of the button or the list's item that was tapped
	Forwarded   bool
	Referral    string // the advertisement or post that the person came from
	Address     string // of a location, where its label is another
	Tapped      bool   // the answer is a tap on a button or on a list's item
	TapTitle    string // what the button or the item says
}

// InboundMedia is a file of an inbound message. Fetching it needs our credentials.
type InboundMedia struct{ URL, ContentType string }

// Malformed says which parameter of a webhook is wrong.
type Malformed struct{ Parameter, Problem string }

func (e *Malformed) Error() string { return e.Parameter + " " + e.Problem }

// ParseInbound reads the form of an incoming message. Unknown parameters are no error: new ones appear
// without notice.
func ParseInbound(form url.Values) (Inbound, error) {
	in := Inbound{Sid: form.Get("MessageSid"), AccountSid: form.Get("AccountSid"), Body: form.Get("Body"),
		ProfileName: form.Get("ProfileName"), Type: form.Get("MessageType"), RepliedSid: form.Get("OriginalRepliedMessageSid")}
	if err := checkForm(form); err != nil {
		return in, err
	}
	for _, name := range []string{"ButtonText", "ButtonPayload", "ListTitle", "ListId"} {
		in.Tapped = in.Tapped || form.Get(name) != ""
	}
	in.Payload = def(form.Get("ButtonPayload"), form.Get("ListId"))
	in.TapTitle = def(form.Get("ButtonText"), form.Get("ListTitle"))
	in.Forwarded = form.Get("Forwarded") == "true" || form.Get("FrequentlyForwarded") == "true"
	in.Referral = strings.TrimSpace(form.Get("ReferralHeadline") + " " + form.Get("ReferralSourceUrl"))
	if in.Body == "" {
		in.Body = def(form.Get("ButtonText"), form.Get("ListTitle"))
	}
	var err error
	if in.From, err = whatsapp.ParseAddress(form.Get("From")); err != nil {
		return in, &Malformed{"From", "is not a WhatsApp address"}
	}
	if id, err := whatsapp.ParseAddress("whatsapp:" + strings.TrimPrefix(form.Get("ExternalUserId"), "whatsapp:")); err == nil {
		in.UserID = id.ID // what is no id is left out: Twilio tells it since 2026 only
	}
	if in.To, err = whatsapp.ParseAddress(form.Get("To")); err != nil || in.To.Phone == "" {
		return in, &Malformed{"To", "is not a WhatsApp number"}
	}
	n, err := strconv.Atoi(def(form.Get("NumMedia"), "0"))
	if err != nil || n < 0 || n > 10 {
		return in, &Malformed{"NumMedia", "is not a number from 0 to 10"}
	}
	for i := range n {
		m := InboundMedia{URL: form.Get(fmt.Sprintf("MediaUrl%d", i)), ContentType: form.Get(fmt.Sprintf("MediaContentType%d", i))}
		if u, err := url.Parse(m.URL); err != nil || (u.Scheme != "https" && u.Scheme != "http") {
			return in, &Malformed{fmt.Sprintf("MediaUrl%d", i), "is not an address"}
		}
		in.Media = append(in.Media, m)
	}
	if form.Get("Latitude") != "" || form.Get("Longitude") != "" {
		lat, err1 := strconv.ParseFloat(form.Get("Latitude"), 64)
		lng, err2 := strconv.ParseFloat(form.Get("Longitude"), 64)
		if err1 != nil || err2 != nil || lat < -90 || lat > 90 || lng < -180 || lng > 180 {
			return in, &Malformed{"Latitude", "and Longitude are no place"}
		}
		in.Latitude, in.Longitude = &lat, &lng
		in.Label = def(form.Get("Label"), form.Get("Address"))
		if a := form.Get("Address"); a != in.Label {
			in.Address = a
		}
	}
	return in, nil
}

// StatusCallback is a step of an outbound message, as Twilio's webhook tells it.
type StatusCallback struct {
	Sid          string
	AccountSid   string
	Status       string
	ErrorCode    int
	ErrorMessage string
}

// ParseStatus reads the form of a status callback.
func ParseStatus(form url.Values) (StatusCallback, error) {
	s := StatusCallback{Sid: form.Get("MessageSid"), AccountSid: form.Get("AccountSid"), Status: form.Get("MessageStatus"),
		ErrorMessage: def(form.Get("ErrorMessage"), form.Get("ChannelStatusMessage"))}
	if err := checkForm(form); err != nil {
		return s, err
	}
	if s.Status == "" || len(s.Status) > 40 {
		return s, &Malformed{"MessageStatus", "is missing"}
	}
	if c := form.Get("ErrorCode"); c != "" {
		n, err := strconv.Atoi(c)
		if err != nil || n < 0 || n > 999999 {
			return s, &Malformed{"ErrorCode", "is not a number"}
		}
		s.ErrorCode = n
	}
	return s, nil
}

func checkForm(form url.Values) error {
	if !messageSid.MatchString(form.Get("MessageSid")) {
		return &Malformed{"MessageSid", "is not SM or MM and 32 digits"}
	}
	if !accountSid.MatchString(form.Get("AccountSid")) {
		return &Malformed{"AccountSid", "is not AC and 32 digits"}
	}
	for name, values := range form {
		for _, v := range values {
			if !utf8.ValidString(v) || !utf8.ValidString(name) {
				return &Malformed{name, "is not valid UTF-8"}
			}
			for i := range len(v) {
				if v[i] == 0 {
					return &Malformed{name, "has a zero byte"}
				}
			}
		}
	}
	return nil
}

func def(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
