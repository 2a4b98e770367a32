package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"parley/services/twilio"
	"parley/simulator"
)

// everyParameter is a webhook with a value for each known parameter.
func (a *app) everyParameter(n int, names []string) url.Values {
	form := url.Values{}
	for _, name := range names {
		form.Set(name, "text")
	}
	right := url.Values{
		"From": {"whatsapp:" + lena}, "To": {"whatsapp:" + simulator.BusinessPhone}, "Body": {"Hello"}, "ProfileName": {"Lena"}, "WaId": {lena[1:]},
		"MessageType": {"text"}, "NumMedia": {"1"}, "MediaUrl0": {a.URL + "/simulator/nothing"}, "MediaContentType0": {"image/png"},
		"Latitude": {"52.52"}, "Longitude": {"13.4"}, "InteractiveData": {`{"size":"M"}`}, "FlowData": {`{"size":"M"}`}, "ExternalUserId": {"DE.1502576394655843"},
		"ParentExternalUserId": {"DE.ENT.11815799212886844830"}, "MessageStatus": {"delivered"}, "SmsStatus": {"delivered"}, "EventType": {"DELIVERED"}, "ErrorCode": {"0"},
		"MessageSid": {sidNo(n)}, "SmsMessageSid": {sidNo(n)}, "SmsSid": {sidNo(n)}, "AccountSid": {account}, "OriginalRepliedMessageSid": {sidNo(1 << 30)},
	}
	for name := range right {
		if form.Has(name) {
			form[name] = right[name]
		}
	}
	return form
}

var damages = map[string]func(v string) []string{
	"a zero byte":        func(v string) []string { return []string{v[:1] + "\x00" + v[1:] + "\x00"} },
	"broken UTF-8":       func(v string) []string { return []string{v + "\xff\xed\xa0\x80"} },
	"nothing":            func(string) []string { return []string{""} },
	"twice":              func(v string) []string { return []string{v, v + "2"} },
	"100,000 characters": func(string) []string { return []string{strings.Repeat("ä", 100_000)} },
	"a number":           func(string) []string { return []string{"12345"} },
}

// Every parameter of every webhook is damaged in every way, one at a time, and each time the message, or the status's
// receipt, is stored, with the body as it was received.
func TestEveryParameterDamaged(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	type delivery struct {
		path, what string
		n          int
		body       []byte
	}
	var all []delivery
	for path, names := range map[string][]string{messages: twilio.InboundParameters(), statuses: twilio.StatusParameters()} {
		for _, name := range names {
			for damage, do := range damages {
				n := 1000 + len(all)
				form := a.everyParameter(n, names)
				form[name] = do(form.Get(name))
				all = append(all, delivery{path, name + " with " + damage, n, []byte(form.Encode())})
			}
		}
	}
	if len(all) < 300 {
		t.Fatalf("only %d deliveries", len(all))
	}
	queue := make(chan delivery)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for d := range queue {
				if got := a.deliver(d.path, d.body, asForm); got != http.StatusOK {
					t.Errorf("%s %s: %d", d.path, d.what, got)
				}
			}
		})
	}
	for _, d := range all {
		queue <- d
	}
	close(queue)
	senders.Wait()
	for _, d := range all {
		if d.path == messages && a.count("messages WHERE twilio_sid = $1 AND direction = 'inbound'", sidNo(d.n)) != 1 {
			t.Errorf("%s: no message", d.what)
		}
		if a.count("webhook_receipts WHERE message_sid = $1 AND verdict = 'accepted' AND raw_body = $2", sidNo(d.n), d.body) != 1 {
			t.Errorf("%s: no receipt with the body as it came", d.what)
		}
		if d.path == messages && !strings.HasPrefix(d.what, "Body ") && a.count("messages WHERE twilio_sid = $1 AND body LIKE 'Hello%'", sidNo(d.n)) != 1 {
			t.Errorf("%s: the text is damaged too", d.what)
		}
	}
}

// A signed webhook with a message's id is answered with 200 after it was stored, or with 503, and its body is stored in
// both cases.
func TestSignedIsNeverThrownAway(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	// This holds for any encoding and any Content-Type.
	base := written(1, "whatsapp:"+lena).Encode()
	for i, body := range []string{"&Label=100%&x;y=%zz", "&Body=%00", "&%ff=%fe", "&&&=", "&Latitude=52%2C52"} {
		text := strings.ReplaceAll(base, sidNo(1), sidNo(10+i)) + body
		for _, contentType := range []string{asForm, "text/plain", "multipart/form-data", ""} {
			if got := a.deliver(messages, []byte(text), contentType); got != http.StatusOK {
				t.Errorf("%q as %q: %d", body, contentType, got)
			}
		}
		if a.count("messages WHERE twilio_sid = $1 AND body = 'Hello'", sidNo(10+i)) != 1 {
			t.Errorf("%q: no message", body)
		}
	}
	if got := a.deliver(messages+"?x=%00%zz", []byte(written(20, "whatsapp:"+lena).Encode()), asForm); got != http.StatusOK {
		t.Errorf("an odd query: %d", got)
	}
	// A message without an id can't be recognized when it is repeated.
	for path, kind := range map[string]string{messages: "message", statuses: "status"} {
		for range 3 { // this also holds for many in a second
			if got := a.deliver(path, []byte("Body=Hi%00&MessageSid="), asForm); got != http.StatusBadRequest {
				t.Errorf("%s without an id: %d", path, got)
			}
		}
		if n := a.count("webhook_receipts WHERE verdict = 'malformed' AND kind = $1 AND raw_body = $2", kind, []byte("Body=Hi%00&MessageSid=")); n != 3 {
			t.Errorf("%s: %d bodies kept", path, n)
		}
	}
	// If the database rejects only the message, the body is stored. If it rejects everything, the answer is at least not
	// 200.
	a.exec("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = '22P05'; END $$")
	for _, table := range []string{"messages", "status_events"} {
		a.exec("CREATE TRIGGER broken BEFORE INSERT ON " + table + " EXECUTE FUNCTION broken()")
	}
	lost := []byte(written(30, "whatsapp:"+lena, "Body", "lost and found", "ExternalUserId", "DE.42").Encode())
	if got := a.deliver(messages, lost, asForm); got != http.StatusServiceUnavailable {
		t.Errorf("a message that can't be stored: %d", got)
	}
	late := []byte(url.Values{"MessageSid": {sidNo(31)}, "MessageStatus": {"sent"}}.Encode())
	if got := a.deliver(statuses, late, asForm); got != http.StatusServiceUnavailable {
		t.Errorf("a status that can't be stored: %d", got)
	}
	if n := a.count("webhook_receipts WHERE verdict = 'failed' AND message_sid = $1 AND raw_body = $2 AND person = $3 AND also = '{DE.42}'", sidNo(30), lost, lena); n != 1 {
		t.Errorf("the body of what failed is kept %d times", n)
	}
	a.exec("CREATE TRIGGER broken BEFORE INSERT ON webhook_receipts EXECUTE FUNCTION broken()")
	for _, path := range []string{messages, statuses} {
		if got := a.deliver(path, []byte(written(32, "whatsapp:"+lena).Encode()), asForm); got != http.StatusServiceUnavailable {
			t.Errorf("%s while nothing can be stored: %d", path, got)
		}
		if got := a.deliver(path, []byte("Body=Hi"), asForm); got != http.StatusServiceUnavailable {
			t.Errorf("%s without an id while nothing can be stored: %d", path, got)
		}
	}
	for _, table := range []string{"messages", "status_events", "webhook_receipts"} {
		a.exec("DROP TRIGGER broken ON " + table)
	}
	// A failed delivery is listed in the inspector, and can be played again.
	ada := a.as("ada")
	page := ada.get("/settings/webhooks?verdict=failed").Doc().Find(`[data-testid=receipt] a`)
	if page.Length() != 2 {
		t.Fatalf("%d failed deliveries are listed", page.Length())
	}
	for i := range page.Length() {
		if r := ada.post(page.Eq(i).AttrOr("href", "")+"/replay", nil); r.Status != http.StatusSeeOther {
			t.Errorf("play it again: %d %s", r.Status, r.Text())
		}
	}
	if a.count("messages WHERE twilio_sid = $1 AND body = 'lost and found'", sidNo(30)) != 1 || a.count("status_events WHERE message_sid = $1", sidNo(31)) != 1 {
		t.Error("playing it again did not bring it back")
	}
	// An unsigned delivery leaves only its verdict.
	req, err := http.NewRequest(http.MethodPost, a.URL+messages, strings.NewReader("Body=secret"))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.as("").send(req).Status; got != http.StatusForbidden {
		t.Errorf("unsigned: %d", got)
	}
	if n := a.count("webhook_receipts WHERE verdict = 'bad_signature' AND (raw_body IS NOT NULL OR form <> '')"); n != 0 {
		t.Error("an unsigned body is kept")
	}
}
