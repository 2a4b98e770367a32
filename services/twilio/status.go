package twilio

import (
	"net/url"
	"strconv"
	"strings"

	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// StatusCallback is a step of an outbound message, as far as Twilio's webhook could be read.
type StatusCallback struct {
	Sid          string // empty only if the webhook names no message at all
	Status       string // in small letters; may be a word that Parley does not know; empty if none came
	ErrorCode    int
	ErrorMessage string
	Person       string   // who the message went to
	Also         []string // the person's other addresses in the webhook
	Unread       []Unread
}

// mostStatus is how long a word for a status may be, in characters.
const mostStatus = 60

// mostError is how much is kept of an error's text, in characters; the rest stands in the body as it came.
const mostError = 1000

// ParseStatus reads the form of a status callback. It never fails: what can't be read is left out and listed in Unread.
func ParseStatus(form url.Values) StatusCallback {
	r := newReader(form)
	s := StatusCallback{
		Sid:          r.sid(),
		Status:       r.status(),
		ErrorMessage: plaintext.Shorten(r.first("ErrorMessage", "ChannelStatusMessage"), mostError),
		Person:       personOf(r.first("To", "ChannelToAddress")),
	}
	s.Also = r.also(s.Person, "ChannelToAddress", "ExternalUserId", "ParentExternalUserId")
	if text := strings.TrimSpace(r.text("ErrorCode")); text != "" {
		if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 999_999 {
			s.ErrorCode = n
		} else {
			r.missing("ErrorCode", quote(text)+" is no error code")
		}
	}
	s.Unread = r.unread
	return s
}

// status is the first word that Parley knows, else the first that came. EventType repeats the status in capitals.
func (r *reader) status() string {
	any := ""
	for _, name := range []string{"MessageStatus", "SmsStatus", "EventType"} {
		word := strings.ToLower(strings.TrimSpace(r.text(name)))
		if _, known := whatsapp.StatusFromTwilio(word); known {
			return word
		}
		if any == "" {
			any = bounded(word, mostStatus)
		}
	}
	if any == "" {
		r.missing("MessageStatus", "is missing")
	}
	return any
}
