package twilio

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/whatsapp/plaintext"
)

// mostParameters is how many parameters of one body are read. Twilio sends a few dozen.
const mostParameters = 10_000

// Verify reads a webhook's body and says which of the tokens signed it, counted from 1; 0 if none did. The request's
// content type is ignored: the signature proves which kind the body is. A body that is not a form is signed over the
// address alone, whose query then has the body's hash as bodySHA256. Source: Twilio, "Validating requests are coming
// from Twilio".
func Verify(tokens []string, rawURL string, body []byte, signature string) (form url.Values, token int) {
	form = readForm(body)
	if token = SignedBy(tokens, rawURL, form, signature); token > 0 {
		return form, token
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, 0
	}
	want, sum := strings.ToLower(u.Query().Get("bodySHA256")), sha256.Sum256(body)
	if subtle.ConstantTimeCompare([]byte(want), []byte(hex.EncodeToString(sum[:]))) != 1 {
		return nil, 0
	}
	return ReadBody(body), SignedBy(tokens, rawURL, nil, signature)
}

// ReadBody reads a signed body again that was kept: a form, or one object of JSON. The values are as they came.
func ReadBody(body []byte) url.Values {
	if form, ok := readObject(body); ok {
		return form
	}
	return readForm(body)
}

// readForm reads a form. Badly encoded text is left as it is, so that one bad parameter does not affect the others:
// net/url refuses a semicolon and a percent sign that no two digits follow, and Twilio signs what it meant.
func readForm(body []byte) url.Values {
	form, n := url.Values{}, 0
	for part := range strings.SplitSeq(string(body), "&") {
		if n++; n > mostParameters {
			break
		}
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		form.Add(unescape(name), unescape(value))
	}
	return form
}

// unescape decodes proper escapes and leaves everything else.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(n))
				i += 2
				continue
			}
			out.WriteByte('%')
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// readObject reads an object of JSON as if it were a form: texts as they are, everything else as JSON.
func readObject(body []byte) (url.Values, bool) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return nil, false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil, false
	}
	form := url.Values{}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		form.Set(name, text)
	}
	return form, true
}

// Unread is a part of a webhook that could not be read and was left out.
type Unread struct {
	What      string // for people: location, file
	Parameter string
	Reason    string // a clause: the value and why it can't be read
}

// reader reads a form's parameters, each one repaired, and notes what it could not read.
type reader struct {
	form   url.Values
	unread []Unread
}

// newReader repairs a form's names and values. A name that is only right once it is repaired counts after the ones
// that are right as they came.
func newReader(raw url.Values) *reader {
	r := &reader{form: make(url.Values, len(raw))}
	for name, values := range raw {
		if clean := plaintext.Clean(name); clean == name {
			r.form[name] = append(cleanAll(values), r.form[name]...)
		} else {
			r.form[clean] = append(r.form[clean], cleanAll(values)...)
		}
	}
	for _, p := range parameters() {
		r.check(p, raw)
	}
	return r
}

func cleanAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = plaintext.Clean(v)
	}
	return out
}

// check notes what repairing lost of a parameter that people see.
func (r *reader) check(p parameter, raw url.Values) {
	if p.what == "" {
		return
	}
	first := r.text(p.name)
	for _, v := range r.form[p.name] {
		if v != "" && v != first {
			r.missing(p.name, "came more than once with different values; the first one is kept")
			break
		}
	}
	for _, v := range raw[p.name] {
		if !utf8.ValidString(v) {
			r.missing(p.name, "holds bytes that are no text")
			break
		}
	}
}

// text is a parameter's first value that is not empty.
func (r *reader) text(name string) string {
	for _, v := range r.form[name] {
		if v != "" {
			return v
		}
	}
	return ""
}

// first is the first of some parameters that is not empty.
func (r *reader) first(names ...string) string {
	for _, n := range names {
		if v := r.text(n); v != "" {
			return v
		}
	}
	return ""
}

// missing notes that a parameter could not be read.
func (r *reader) missing(name, reason string) {
	r.unread = append(r.unread, Unread{whatOf(name), name, reason})
}

// quote is a value in a reason.
func quote(s string) string { return "“" + plaintext.Shorten(s, 80) + "”" }

// bounded is a text that identifies something, short enough for an index: a longer one keeps its beginning, and a hash
// distinguishes it from others with the same beginning.
func bounded(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return string([]rune(s)[:most-33]) + "…" + hex.EncodeToString(sum[:16])
}

// The longest sids and addresses that are kept as they are, in characters. Twilio's sids have 34, WhatsApp's longest
// user id has 135.
const (
	mostSid     = 64
	mostAddress = 140
)

// sid is the message that a webhook is about: the first value that has a sid's form, else the first that is not empty.
// It is empty if the webhook names none.
func (r *reader) sid() string {
	any := ""
	for _, name := range []string{"MessageSid", "SmsMessageSid", "SmsSid"} {
		for _, v := range r.form[name] {
			v = strings.TrimSpace(v)
			if messageSid.MatchString(v) {
				return v
			}
			if any == "" {
				any = bounded(v, mostSid)
			}
		}
	}
	return any
}
