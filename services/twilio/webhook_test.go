package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/services/twilio"
	"parley/whatsapp"
)

const sid = "SM00112233445566778899aabbccddeeff"

// whole is a valid message.
func whole(change ...string) url.Values {
	form := url.Values{"MessageSid": {sid}, "From": {"whatsapp:+4915123456789"}, "To": {"whatsapp:+15550001111"}, "Body": {"Hello"}, "NumMedia": {"0"}}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

func what(list []twilio.Unread) (out []string) {
	for _, u := range list {
		out = append(out, u.What)
	}
	return out
}

// Parts that can't be read are left out and listed; the rest of the message is complete.
func TestParseInboundLeavesOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form   url.Values
		unread []string
		ok     func(twilio.Inbound) bool
	}{
		"whole": {whole(), nil, func(in twilio.Inbound) bool {
			return in.From.Phone == "+4915123456789" && in.To.Phone == "+15550001111"
		}},
		"zero byte":      {whole("Body", "He\x00llo\x00"), nil, func(twilio.Inbound) bool { return true }},
		"zero in a name": {url.Values{"MessageSid": {sid}, "From": {"whatsapp:+4915123456789"}, "To": {"whatsapp:+15550001111"}, "Bo\x00dy": {"Hello"}}, nil, func(twilio.Inbound) bool { return true }},
		"latin-1":        {whole("ProfileName", "Zo\xeb"), []string{"the sender's name"}, func(in twilio.Inbound) bool { return in.ProfileName == "Zo\uFFFD" }},
		"comma":          {whole("Latitude", "52,52", "Longitude", "13.4"), []string{"location"}, noPlace},
		"two in one":     {whole("Latitude", "52.5,13.4"), []string{"location", "location"}, noPlace},
		"one alone":      {whole("Longitude", "13.4"), []string{"location"}, noPlace},
		"null":           {whole("Latitude", "null", "Longitude", "null"), []string{"location", "location"}, noPlace},
		"NaN":            {whole("Latitude", "NaN", "Longitude", "+Inf"), []string{"location", "location"}, noPlace},
		"hexadecimal":    {whole("Latitude", "0x1p3", "Longitude", "1"), []string{"location"}, noPlace},
		"off the globe":  {whole("Latitude", "90.0001", "Longitude", "-180.5"), []string{"location", "location"}, noPlace},
		"a place":        {whole("Latitude", "-90", "Longitude", "1.8e2", "Label", "Pole"), nil, func(in twilio.Inbound) bool { return *in.Latitude == -90 && *in.Longitude == 180 && in.Label == "Pole" }},
		"eleven files":   {files(whole(), 11, "11"), nil, func(in twilio.Inbound) bool { return len(in.Media) == 11 }},
		"many files":     {files(whole(), 2, "many"), []string{"file"}, func(in twilio.Inbound) bool { return len(in.Media) == 2 }},
		"no number":      {files(whole(), 2, ""), nil, func(in twilio.Inbound) bool { return len(in.Media) == 2 }},
		"too many files": {files(whole(), 60, "60"), []string{"file", "file"}, func(in twilio.Inbound) bool { return len(in.Media) == 50 }},
		"missing file":   {whole("NumMedia", "1"), []string{"file"}, func(in twilio.Inbound) bool { return len(in.Media) == 0 }},
		"no address":     {whole("NumMedia", "1", "MediaUrl0", "javascript:alert(1)"), []string{"file"}, func(in twilio.Inbound) bool { return len(in.Media) == 0 }},
		"messenger":      {whole("From", "messenger:123"), []string{"the sender's address"}, func(in twilio.Inbound) bool { return in.From == whatsapp.Address{Other: "messenger:123"} }},
		"nobody":         {whole("From", " "), []string{"the sender's address"}, func(in twilio.Inbound) bool { return in.From.Other != "" && in.From.Phone == "" }},
		"only an id":     {whole("From", "garbage", "ExternalUserId", userID), []string{"the sender's address"}, func(in twilio.Inbound) bool { return in.From == whatsapp.Address{ID: userID} }},
		"to nobody":      {whole("To", "whatsapp:US.123"), []string{"the number it was sent to"}, func(in twilio.Inbound) bool { return in.To == whatsapp.Address{} }},
		"twice":          {url.Values{"MessageSid": {sid}, "From": {"whatsapp:+4915123456789"}, "To": {"whatsapp:+15550001111"}, "Body": {"", "Hello", "Bye"}}, []string{"text"}, func(twilio.Inbound) bool { return true }},
		"another sid":    {whole("MessageSid", "nonsense", "SmsSid", sid), nil, func(twilio.Inbound) bool { return true }},
		"sid with dirt":  {whole("MessageSid", " SM\x0000112233445566778899aabbccddeeff"), nil, func(twilio.Inbound) bool { return true }},
		"a turned name":  {whole("ProfileName", "\u202eexe.gpj"), nil, func(in twilio.Inbound) bool { return in.ProfileName == "exe.gpj" }},
	} {
		in := twilio.ParseInbound(c.form)
		if in.Sid != sid || in.Body != "Hello" {
			t.Errorf("%s: sid %q, body %q", name, in.Sid, in.Body)
		}
		if got := what(in.Unread); !slices.Equal(got, c.unread) {
			t.Errorf("%s: unread %v, want %v", name, in.Unread, c.unread)
		}
		if !c.ok(in) {
			t.Errorf("%s: %+v", name, in)
		}
	}
	for name, form := range map[string]url.Values{"none": {}, "empty": {"MessageSid": {"", " "}, "SmsSid": {"\x00"}}} {
		if in := twilio.ParseInbound(form); in.Sid != "" {
			t.Errorf("%s: sid %q", name, in.Sid)
		}
	}
	long := strings.Repeat("x", 100_000)
	a, b := twilio.ParseInbound(url.Values{"MessageSid": {long}}).Sid, twilio.ParseInbound(url.Values{"MessageSid": {long + "y"}}).Sid
	if a == b || len(a) > 100 || a != twilio.ParseInbound(url.Values{"MessageSid": {long}}).Sid {
		t.Errorf("long sids: %q and %q", a, b)
	}
}

func noPlace(in twilio.Inbound) bool { return in.Latitude == nil && in.Longitude == nil }

func files(form url.Values, n int, said string) url.Values {
	form.Set("NumMedia", said)
	for i := range n {
		form.Set("MediaUrl"+strconv.Itoa(i), "https://api.twilio.com/"+strconv.Itoa(i))
	}
	return form
}

// A form that a person filled in comes in several notations; a text in none of them is returned as text.
func TestParseInboundReadsForms(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]twilio.Answer{
		`{"name":"Lena","size":"M","terms":true,"n":2.50,"none":null}`:                                                                    {{"name", "Lena"}, {"size", "M"}, {"terms", "true"}, {"n", "2.50"}, {"none", ""}},
		`{"flow_token":"x","days":["Mon","Tue"],"home":{"city":"Berlin"}}`:                                                                {{"days", "Mon, Tue"}, {"home › city", "Berlin"}},
		`{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t\",\"date\":\"2026-11-30\"}"}}`: {{"date", "2026-11-30"}},
		`{"response_json":"{\"a\":\"b\"}"}`:                                                                                               {{"a", "b"}},
		`{"screens":[{"question":"Size?","answer":"M"},{"question":"Color?","answer":"red"}]}`:                                            {{"screens › question", "Size?"}, {"screens › answer", "M"}, {"screens › question", "Color?"}, {"screens › answer", "red"}},
		`{"zero":"a\u0000b","turned\u202e":"\ud800"}`:                                                                                     {{"zero", "ab"}, {"turned", "\uFFFD"}},
	} {
		for _, name := range []string{"InteractiveData", "FlowData"} {
			in := twilio.ParseInbound(whole("Body", "", "MessageType", "interactive", name, data))
			if !reflect.DeepEqual(in.Answers, want) || in.Body != "" || in.Tapped {
				t.Errorf("%s %s: %v, body %q", name, data, in.Answers, in.Body)
			}
		}
	}
	for _, broken := range []string{`{"name":"Lena"`, `[1,2]`, `Lena`, `{}`, `{"a":1} {"b":2}`, strings.Repeat(`{"a":`, 1000)} {
		if in := twilio.ParseInbound(whole("Body", "", "InteractiveData", broken)); in.Body != broken || in.Answers != nil {
			t.Errorf("%.40s: body %.40q, %v", broken, in.Body, in.Answers)
		}
	}
}

func TestParseStatusLeavesOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form   url.Values
		status string
		code   int
		unread []string
	}{
		"whole":         {url.Values{"MessageStatus": {"failed"}, "ErrorCode": {"63016"}}, "failed", 63016, nil},
		"null":          {url.Values{"MessageStatus": {"sent"}, "ErrorCode": {"null"}}, "sent", 0, []string{"error"}},
		"negative":      {url.Values{"MessageStatus": {"sent"}, "ErrorCode": {"-1"}}, "sent", 0, []string{"error"}},
		"too large":     {url.Values{"MessageStatus": {"sent"}, "ErrorCode": {"99999999999999999999"}}, "sent", 0, []string{"error"}},
		"SmsStatus":     {url.Values{"SmsStatus": {"delivered"}}, "delivered", 0, nil},
		"EventType":     {url.Values{"EventType": {"READ"}}, "read", 0, nil},
		"unknown":       {url.Values{"MessageStatus": {"Pondering"}}, "pondering", 0, nil},
		"dirty, known":  {url.Values{"MessageStatus": {"7"}, "SmsStatus": {"sent"}}, "sent", 0, nil},
		"none":          {url.Values{}, "", 0, []string{"status"}},
		"with dirt":     {url.Values{"MessageStatus": {" de\x00livered\n"}}, "delivered", 0, nil},
		"broken UTF-8":  {url.Values{"MessageStatus": {"delivered\xff"}, "EventType": {"DELIVERED"}}, "delivered", 0, []string{"status"}},
		"error of none": {url.Values{"MessageStatus": {"undelivered"}, "ChannelStatusMessage": {"gone\x00"}}, "undelivered", 0, nil},
	} {
		form := url.Values{"MessageSid": {sid}, "To": {"whatsapp:+4915123456789"}, "ExternalUserId": {"whatsapp:" + userID}, "ParentExternalUserId": {"US.ENT.118"}}
		maps.Copy(form, c.form)
		got := twilio.ParseStatus(form)
		if got.Sid != sid || got.Status != c.status || got.ErrorCode != c.code || !slices.Equal(what(got.Unread), c.unread) {
			t.Errorf("%s: %+v", name, got)
		}
		if got.Person != "+4915123456789" || !slices.Equal(got.Also, []string{userID, "US.ENT.118"}) {
			t.Errorf("%s: about %q, also %q", name, got.Person, got.Also)
		}
	}
}

// The signature covers the bytes as they were received, and one badly encoded parameter does not affect the others.
func TestVerify(t *testing.T) {
	t.Parallel()
	const address, token = "https://desk.example.com/webhooks/twilio/messages", "12345"
	for body, want := range map[string]url.Values{
		"Body=a%00b&From=x":      {"Body": {"a\x00b"}, "From": {"x"}},
		"Body=%ff%fe":            {"Body": {"\xff\xfe"}},
		"Body=100%&From=x":       {"Body": {"100%"}, "From": {"x"}},
		"Body=%zz+%41%4":         {"Body": {"%zz A%4"}},
		"Body=a;b&From=x":        {"Body": {"a;b"}, "From": {"x"}},
		"&&Body=a=b&&Empty&From": {"Body": {"a=b"}, "Empty": {""}, "From": {""}},
		"Body=1&Body=2":          {"Body": {"1", "2"}},
		"{not json":              {"{not json": {""}},
		"":                       {},
	} {
		form, by := twilio.Verify([]string{"other", token}, address, []byte(body), twilio.Signature(token, address, want))
		if by != 2 || !reflect.DeepEqual(form, want) {
			t.Errorf("%q: signed by %d, %q", body, by, form)
		}
		if !reflect.DeepEqual(twilio.ReadBody([]byte(body)), want) {
			t.Errorf("%q read again: %q", body, twilio.ReadBody([]byte(body)))
		}
		if form, by := twilio.Verify([]string{token}, address, []byte(body+"x"), twilio.Signature(token, address, want)); by != 0 || form != nil {
			t.Errorf("%q with another letter: signed by %d", body, by)
		}
	}
	// A JSON body is signed with the address, whose query contains the body's hash.
	body := `{"MessageSid":"` + sid + `","Latitude":52.5,"Body":"Hi"}`
	const hashed = address + "?bodySHA256=58da"
	if _, by := twilio.Verify([]string{token}, hashed, []byte(body), twilio.Signature(token, hashed, nil)); by != 0 {
		t.Error("a wrong hash is accepted")
	}
	sum := sha256.Sum256([]byte(body))
	right := address + "?bodySHA256=" + hex.EncodeToString(sum[:])
	form, by := twilio.Verify([]string{token}, right, []byte(body), twilio.Signature(token, right, nil))
	if by != 1 || form.Get("MessageSid") != sid || form.Get("Latitude") != "52.5" || form.Get("Body") != "Hi" {
		t.Errorf("JSON: signed by %d, %v", by, form)
	}
	if _, by := twilio.Verify([]string{token}, right, []byte(body+" "), twilio.Signature(token, right, nil)); by != 0 {
		t.Error("a changed body is accepted")
	}
}

// Parsing any body does not panic, and the result can be stored.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"MessageSid=" + sid + "&From=whatsapp:%2B49151&Body=%00%ff", "Latitude=NaN&Longitude=1e999", "NumMedia=-1&MediaUrl0=%zz", `InteractiveData={"a":"\u0000"}&ErrorCode=null`, `{"Body":"\u0000"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		form := twilio.ReadBody(body)
		for _, v := range []any{twilio.ParseInbound(form), twilio.ParseStatus(form)} {
			walk(reflect.ValueOf(v), func(s string) {
				if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
					t.Fatalf("%q can't be stored", s)
				}
			})
		}
	})
}

// walk calls fn with every text in v.
func walk(v reflect.Value, fn func(string)) {
	switch v.Kind() {
	case reflect.String:
		fn(v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), fn)
		}
	default: // values of other kinds contain no text
	}
}
