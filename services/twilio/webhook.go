package twilio

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

var messageSid = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)

// Inbound is a message from a person, as far as Twilio's webhook could be read: every text in it is valid UTF-8 without
// zero bytes.
type Inbound struct {
	Sid         string           // empty only if the webhook names no message at all
	From        whatsapp.Address // of kind Other if it is in no form that Parley knows
	To          whatsapp.Address // a phone number, or empty if it could not be read
	Body        string
	ProfileName string
	Type        string // text, image, audio, video, document, sticker, location, contacts, button, interactive, reaction …
	Media       []InboundMedia
	Latitude    *float64
	Longitude   *float64
	Label       string
	RepliedSid  string
	UserID      string // WhatsApp's business-scoped id of the person, empty if it was not told
	Payload     string // of the button or the list's item that was tapped
	Forwarded   bool
	Referral    string   // the advertisement or post that the person came from
	Address     string   // of a location, where its label is another
	Tapped      bool     // the answer is a tap on a button or on a list's item
	TapTitle    string   // what the button or the item says
	Answers     []Answer // of a form (WhatsApp calls it a Flow) that the person filled in
	Also        []string // the person's other addresses in the webhook, for erasing all of it
	Unread      []Unread
}

// InboundMedia is a file of an inbound message. Fetching it needs our credentials.
type InboundMedia struct{ URL, ContentType string }

// ParseInbound reads the form of an incoming message. It never fails: what can't be read is left out and listed in
// Unread, and unknown parameters are ignored, because new ones appear without notice.
func ParseInbound(form url.Values) Inbound {
	r := newReader(form)
	in := Inbound{
		Sid:         r.sid(),
		Body:        r.text("Body"),
		ProfileName: plaintext.CleanName(r.text("ProfileName")),
		Type:        strings.ToLower(strings.TrimSpace(r.text("MessageType"))),
		RepliedSid:  bounded(strings.TrimSpace(r.text("OriginalRepliedMessageSid")), mostSid),
		Payload:     r.first("ButtonPayload", "ListId"),
		Forwarded:   r.text("Forwarded") == "true" || r.text("FrequentlyForwarded") == "true",
		Referral:    plaintext.CleanName(r.text("ReferralHeadline") + " " + r.text("ReferralSourceUrl")),
		Tapped:      r.first("ButtonText", "ButtonPayload", "ListTitle", "ListId") != "",
		TapTitle:    r.first("ButtonText", "ListTitle"),
		UserID:      r.userID(),
	}
	if in.Body == "" {
		in.Body = r.first("ButtonText", "ListTitle")
	}
	in.From, in.To = r.from(in.UserID), r.to()
	in.Also = r.also(Person(in.From), "ExternalUserId", "ParentExternalUserId", "WaId")
	in.Media = r.media()
	in.Latitude, in.Longitude = r.place()
	in.Label = plaintext.CleanName(r.first("Label", "Address"))
	if a := plaintext.CleanName(r.text("Address")); a != in.Label {
		in.Address = a
	}
	var text string
	if in.Answers, text = readAnswers(r.first("InteractiveData", "FlowData")); in.Body == "" {
		in.Body = text
	}
	in.Unread = r.unread
	return in
}

// userID is WhatsApp's own id of the person, empty if the value is not one: Twilio has sent it only since 2026.
func (r *reader) userID() string {
	id, err := whatsapp.ParseAddress("whatsapp:" + strings.TrimPrefix(r.text("ExternalUserId"), "whatsapp:"))
	if err != nil {
		return ""
	}
	return id.ID
}

// from is the sender of the message. If the address can't be read, the user id is used; without one the address is kept
// as it came, so that the same text finds the same contact.
func (r *reader) from(userID string) whatsapp.Address {
	text := r.text("From")
	a, err := whatsapp.ParseAddress(text)
	if err == nil {
		return a
	}
	if strings.TrimSpace(text) == "" {
		r.missing("From", "is empty")
		text = "no address"
	} else {
		r.missing("From", quote(text)+" is no address of WhatsApp's")
	}
	if userID != "" {
		return whatsapp.Address{ID: userID}
	}
	return whatsapp.Address{Other: bounded(strings.TrimSpace(text), mostAddress)}
}

// to is the number of ours that was written to, with or without the name of the channel before it.
func (r *reader) to() whatsapp.Address {
	text := strings.TrimSpace(r.text("To"))
	a, err := whatsapp.ParseAddress("whatsapp:" + strings.TrimPrefix(text, "whatsapp:"))
	if err != nil || a.Phone == "" {
		r.missing("To", quote(text)+" is no phone number")
		return whatsapp.Address{}
	}
	return a
}

// Person is an address as receipts store it, without the channel's name.
func Person(a whatsapp.Address) string {
	switch {
	case a.Other != "":
		return a.Other
	case a.Phone != "":
		return a.Phone
	}
	return a.ID
}

// personOf is the same for an address as Twilio writes it.
func personOf(text string) string {
	return bounded(strings.TrimPrefix(strings.TrimSpace(text), "whatsapp:"), mostAddress)
}

var digitsOnly = regexp.MustCompile(`^[1-9][0-9]{6,14}$`)

// also are the addresses in some parameters, but for the one that is known.
func (r *reader) also(known string, names ...string) []string {
	out := []string{}
	for _, n := range names {
		a := personOf(r.text(n))
		if n == "WaId" && digitsOnly.MatchString(a) {
			a = "+" + a
		}
		if a != "" && a != known && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// media reads the files that are there, regardless of the given number.
func (r *reader) media() []InboundMedia {
	var out []InboundMedia
	there := 0
	for i := range mostFiles {
		text := strings.TrimSpace(r.text(mediaURL(i)))
		if text == "" {
			continue
		}
		there++
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			r.missing(mediaURL(i), quote(text)+" is no address of a file")
			continue
		}
		out = append(out, InboundMedia{text, plaintext.Shorten(r.text(mediaType(i)), 200)})
	}
	said := strings.TrimSpace(r.text("NumMedia"))
	n, err := strconv.Atoi(said)
	switch {
	case said == "":
	case err != nil || n < 0:
		r.missing("NumMedia", quote(said)+" is no number of files")
	case n > there:
		r.missing("NumMedia", "says "+said+", and the addresses of "+strconv.Itoa(there)+" came")
	}
	if r.text(mediaURL(mostFiles)) != "" {
		r.missing(mediaURL(mostFiles), "and the files after it are too many: "+strconv.Itoa(mostFiles)+" are read")
	}
	return out
}

// degrees is how Twilio writes a coordinate. A decimal comma is not accepted: "52,52" may as well be two numbers.
var degrees = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$`)

// place reads a location, which must have both coordinates in range.
func (r *reader) place() (lat, lng *float64) {
	a, b := strings.TrimSpace(r.text("Latitude")), strings.TrimSpace(r.text("Longitude"))
	if a == "" && b == "" {
		return nil, nil
	}
	lat, lng = r.coordinate("Latitude", a, 90), r.coordinate("Longitude", b, 180)
	if lat == nil || lng == nil {
		return nil, nil
	}
	return lat, lng
}

func (r *reader) coordinate(name, text string, most float64) *float64 {
	if text == "" {
		r.missing(name, "is missing")
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case !degrees.MatchString(text) || err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		r.missing(name, quote(text)+" is no number of degrees")
		return nil
	case math.Abs(n) > most:
		r.missing(name, quote(text)+" is not on the globe")
		return nil
	}
	return &n
}
