package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/models"
	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

const (
	messages = "/webhooks/twilio/messages"
	statuses = "/webhooks/twilio/status"
)

// deliver posts a body that Twilio signed, as it is, and returns what was answered.
func (a *app) deliver(path string, body []byte, contentType string) int {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodPost, a.URL+path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Twilio-Signature", twilio.Signature(token, a.URL+path, twilio.ReadBody(body)))
	return a.as("").send(req).Status
}

const asForm = "application/x-www-form-urlencoded"

func (a *app) count(table string, args ...any) (n int) {
	a.t.Helper()
	if err := a.Store.Pool().QueryRow(a.t.Context(), "SELECT count(*) FROM "+table, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func sidNo(n int) string { return fmt.Sprintf("SM%032x", n) }

// written is a message to the clinic as Twilio passes it on.
func written(n int, from string, change ...string) url.Values {
	form := url.Values{
		"MessageSid": {sidNo(n)}, "SmsMessageSid": {sidNo(n)}, "SmsSid": {sidNo(n)}, "AccountSid": {account}, "From": {from},
		"To": {"whatsapp:" + simulator.BusinessPhone}, "Body": {"Hello"}, "NumMedia": {"0"}, "MessageType": {"text"}, "ApiVersion": {"2010-04-01"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// everyParameter is a webhook with a value for each parameter that it knows.
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
// receipt, is there afterwards, with the body as it came.
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

// A signed webhook with a message's id is answered 200 after it was stored, or 503, and its body is kept either way.
func TestSignedIsNeverThrownAway(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	// However badly it is written, and whatever it says it is.
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
	// A message that names itself nowhere can't be known again.
	for path, kind := range map[string]string{messages: "message", statuses: "status"} {
		for range 3 { // also many in a second
			if got := a.deliver(path, []byte("Body=Hi%00&MessageSid="), asForm); got != http.StatusBadRequest {
				t.Errorf("%s without an id: %d", path, got)
			}
		}
		if n := a.count("webhook_receipts WHERE verdict = 'malformed' AND kind = $1 AND raw_body = $2", kind, []byte("Body=Hi%00&MessageSid=")); n != 3 {
			t.Errorf("%s: %d bodies kept", path, n)
		}
	}
	// The database refuses the message alone: the body is kept. It refuses everything: at least nobody says 200.
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
	// What failed is found in the inspector, and played again.
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
	// An unsigned one leaves its verdict only.
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

// inThread is what a person sees of a conversation's messages.
func (v *visitor) inThread(c string) answer {
	v.app.t.Helper()
	return v.get("/inbox/" + c)
}

// conversationOf is the public id of the conversation with a message.
func (a *app) conversationOf(n int) string {
	a.t.Helper()
	id, err := a.Store.ConversationOfSid(a.t.Context(), sidNo(n))
	if err != nil || id == "" {
		a.t.Fatalf("no conversation with message %d: %v", n, err)
	}
	return id
}

// What could not be read is said on the message, in one sentence, and in the inspector with the reason.
func TestUnreadIsSaid(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	take := func(form url.Values) string {
		t.Helper()
		if r := a.signed(messages, form); r.Status != http.StatusOK {
			t.Fatalf("%v: %d", form, r.Status)
		}
		var n int
		if _, err := fmt.Sscanf(form.Get("MessageSid"), "SM%x", &n); err != nil {
			t.Fatal(err)
		}
		return a.conversationOf(n)
	}
	id := take(written(1, "whatsapp:"+lena, "Latitude", "52,52", "Longitude", "13,4", "Label", "Our \u202eoffice", "NumMedia", "1"))
	text := ada.inThread(id).Text()
	if !strings.Contains(text, "Parley could not read part of this message: file, location.") || !strings.Contains(text, "Our office") || !strings.Contains(text, "Hello") {
		t.Errorf("the message says %q", text)
	}
	list, err := a.Store.Receipts(t.Context(), models.ReceiptFilter{Limit: 1})
	if err != nil || !strings.Contains(list[0].Effect, "not read: file, location") || len(list[0].RawBody) != 0 {
		t.Fatalf("the receipt: %+v %v", list, err)
	}
	if text := ada.get("/settings/webhooks/" + list[0].PublicID).Text(); !strings.Contains(text, "Latitude “52,52” is no number of degrees") || !strings.Contains(text, "Latitude=52%2C52") {
		t.Errorf("the inspector says %q", text)
	}
	// Somebody without an address that anything could be sent to.
	for i, from := range []string{"messenger:123", "", "+49 151 \u202e234", strings.Repeat("x", 100_000)} {
		id := take(written(10+2*i, from))
		if again := take(written(11+2*i, from)); again != id {
			t.Errorf("%.20q is somebody else the second time", from)
		}
		page := ada.inThread(id)
		if !strings.Contains(page.Text(), "can't be answered here") || !strings.Contains(page.Text(), "sender's address") {
			t.Errorf("%.20q: the page says %.2000q", from, page.Text())
		}
		if r := ada.post("/conversations/"+id+"/replies", reply("Hi")); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "no address of WhatsApp") {
			t.Errorf("%.20q: a reply: %d %.500s", from, r.Status, r.Text())
		}
	}
	if n := a.count("contact_addresses WHERE kind = 'other'"); n != 4 {
		t.Errorf("%d addresses of an unknown form", n)
	}
	// Promise: what was queued nevertheless does not leave.
	err = a.Store.InTx(t.Context(), func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(a.conversationOf(10))
		if err != nil {
			return err
		}
		_, err = tx.QueueMessage(c, &models.Message{Body: "Hi"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a.eventually("it is refused", func() bool {
		return a.count("messages WHERE status = 'refused' AND error_message = 'unknown_address'") == 1
	})
	// A number of ours that can't be read.
	id = take(written(30, "whatsapp:"+lena, "To", "whatsapp:US.123"))
	page := ada.inThread(id)
	if !strings.Contains(page.Text(), "through "+models.UnknownSender) || !strings.Contains(page.Text(), "the number it was sent to") {
		t.Errorf("to nobody: %q", page.Text())
	}
	if r := ada.post("/conversations/"+id+"/replies", reply("Hi")); r.Status != http.StatusConflict {
		t.Errorf("a reply from nowhere: %d", r.Status)
	}
	for _, path := range []string{"/inbox", "/settings/senders", "/settings/webhooks", "/settings/health", "/", "/start", "/notifications/new", "/contacts", "/contacts/optins/new"} {
		if r := ada.get(path); r.Status != http.StatusOK {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

// Text is kept whole, found, and shown under what fits; a form shows its fields; a name can't turn the page around.
func TestLongAndStrangeMessages(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	take := func(n int, change ...string) models.Message {
		t.Helper()
		if r := a.signed(messages, written(n, "whatsapp:"+lena, change...)); r.Status != http.StatusOK {
			t.Fatalf("%v: %d", change[:1], r.Status)
		}
		list := a.thread(a.conversation(lena, 1))
		return list[len(list)-1]
	}
	var words strings.Builder
	for i := 0; words.Len() < 100_000; i++ {
		fmt.Fprintf(&words, "word%d *a _b ", i)
	}
	long := words.String()[:99_980] + " needleattheveryend"
	if m := take(1, "Body", long); m.Body != long {
		t.Fatalf("%d of %d characters are kept", len(m.Body), len(long))
	}
	six := strings.Repeat("six thousand ", 462)
	if m := take(2, "Body", six, "ButtonPayload", six, "Label", six, "Address", six, "Latitude", "1", "Longitude", "2"); m.Body != six || m.Details.Payload != six || m.Label != strings.TrimSpace(six) {
		t.Error("6,000 characters are cut")
	}
	huge := strings.Repeat("0123456789 ", 200_000) // more words than an index holds of one message would be refused
	if m := take(3, "Body", huge); m.Body != huge {
		t.Error("2 MB are cut")
	}
	id := a.conversationOf(1)
	doc := ana.inThread(id).Doc()
	first := doc.Find(`[data-testid=message]`).First()
	if !strings.Contains(first.Find("summary").Text(), "Show all 99,999 characters") || !strings.Contains(first.Find(`[data-testid=rest]`).Text(), "needleattheveryend") || !strings.Contains(first.Text(), "word0 ") {
		t.Errorf("the long message: %.300q", first.Text())
	}
	if got := first.Find(".bubble").Text(); !strings.Contains(got, long[:3000]) || !strings.Contains(got, long[5000:]) {
		t.Error("the page does not hold all of it")
	}
	if text := ana.get("/search?q=needleattheveryend").Text(); !strings.Contains(text, "needleattheveryend") {
		t.Errorf("the end of a long message is not found: %.500q", text)
	}
	if n := a.count("messages WHERE stretch_words(id, body) @@ '0/needleattheveryend'::tsquery"); n != 1 {
		t.Errorf("the index holds it %d times", n)
	}
	// A form that the person filled in.
	m := take(4, "Body", "", "MessageType", "interactive", "InteractiveData", `{"nfm_reply":{"response_json":"{\"Size\":\"M\\u0000\",\"Day\":\"Monday\"}"}}`)
	if m.Kind != "interactive" || m.Body != "Size: M\nDay: Monday" {
		t.Errorf("a form: %s %q", m.Kind, m.Body)
	}
	bubble := ana.inThread(id).Doc().Find(`[data-testid=message]`).Last()
	labels, values := bubble.Find("dt").Text(), strings.Join(strings.Fields(bubble.Find("dd").Text()), " ")
	if labels != "SizeDay" || values != "M Monday" || strings.Contains(bubble.Text(), "Tapped") || strings.Count(bubble.Find(".bubble").Text(), "Monday") != 1 {
		t.Errorf("the form shows %q, %q in %q", labels, values, bubble.Text())
	}
	if !strings.Contains(ana.get("/inbox").Text(), "Size: M Day: Monday") {
		t.Error("the list shows no answers")
	}
	if m := take(5, "Body", "", "MessageType", "interactive", "FlowData", `{"Size":`); m.Body != `{"Size":` {
		t.Errorf("a broken form: %q", m.Body)
	}
	if m := take(6, "Body", "", "MessageType", "interactive"); m.Body == "" {
		t.Error("an empty tap")
	}
	// A stranger's name.
	take(7, "ProfileName", "Noor\u202e \u2066evil\u200f", "Body", "\u202eturned")
	body := ana.inThread(id).Body + ana.get("/contacts").Body + ana.get("/inbox").Body
	if c := a.conversation(lena, 7); c.Contact.ProfileName != "Noor evil" || !strings.Contains(body, "Noor evil") {
		t.Errorf("the name is %q", c.Contact.ProfileName)
	}
	for _, r := range "\u2066\u200f" {
		if strings.ContainsRune(body, r) {
			t.Errorf("%U is on the page", r)
		}
	}
	a.exec("UPDATE contacts SET name = $1", "Le\u202ena") // from a file, a form, or long ago
	if strings.Contains(ana.get("/contacts").Body+ana.get("/inbox").Body, "\u202e") {
		t.Error("an older name turns the page around")
	}
}

// A reaction to a message that is not here is no text: it opens nothing and waits for no answer.
func TestLoneReaction(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for i, of := range []string{"", sidNo(999)} {
		form := written(1+i, "whatsapp:"+lena, "MessageType", "reaction", "Body", "👍", "OriginalRepliedMessageSid", of)
		if r := a.signed(messages, form); r.Status != http.StatusOK {
			t.Fatal(r.Status)
		}
	}
	c := a.conversation(lena, 2)
	if c.LastInboundAt != nil || c.WindowClosesAt != nil || c.WaitingSince != nil || c.UnreadCount != 0 || c.LastLine != "Reacted with 👍" {
		t.Errorf("a reaction opened something: %+v", c)
	}
	if c.Contact.WindowClosesAt != nil {
		t.Error("the contact has a session")
	}
	ana := a.as("ana")
	got := ana.inThread(c.PublicID).Doc().Find(`[data-testid=lone-reaction]`)
	if got.Length() != 2 || !strings.Contains(got.Text(), "reacted with 👍 to a message that Parley does not have") {
		t.Errorf("%d lines: %q", got.Length(), got.Text())
	}
	if !strings.Contains(ana.get("/inbox").Text(), "Reacted with 👍") {
		t.Error("the list does not show it")
	}
	// One to a message that is here stands at it.
	a.signed(messages, written(5, "whatsapp:"+lena))
	a.signed(messages, written(6, "whatsapp:"+lena, "MessageType", "reaction", "Body", "🙏", "OriginalRepliedMessageSid", sidNo(5)))
	doc := ana.inThread(c.PublicID).Doc()
	if doc.Find(`[data-testid=lone-reaction]`).Length() != 2 || doc.Find(`[data-testid=reaction]`).Text() != "🙏" {
		t.Error("a reaction to a message that is here stands by itself")
	}
}

// Whatever a callback says, it is kept, and a status never goes backwards.
func TestDirtyStatuses(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	for i, step := range []struct {
		form   url.Values
		status whatsapp.Status
		effect string
	}{
		{url.Values{"SmsStatus": {"sent"}, "ErrorCode": {"null"}}, whatsapp.Sent, "Status sent; not read: error"},
		{url.Values{"EventType": {"DELIVERED"}}, whatsapp.Delivered, "Status delivered"},
		{url.Values{"MessageStatus": {"queued"}, "To": {"\xff"}}, whatsapp.Delivered, "Nothing: queued came after a later status"},
		{url.Values{"MessageStatus": {"evaporated"}}, whatsapp.Delivered, "no status that Parley knows"},
		{url.Values{}, whatsapp.Delivered, "Kept: it names no status"},
		{url.Values{"MessageStatus": {"failed"}, "ErrorCode": {"63016"}}, whatsapp.Delivered, "failed came after a later status"},
		{url.Values{"MessageStatus": {"RE\x00AD"}}, whatsapp.Read, "Status read"},
	} {
		if i == 0 {
			a.sent(c, sidNo(77), true)
		}
		step.form.Set("MessageSid", sidNo(77))
		if r := a.signed(statuses, step.form); r.Status != http.StatusOK {
			t.Errorf("%v: %d", step.form, r.Status)
		}
		list, err := a.Store.Receipts(t.Context(), models.ReceiptFilter{Kind: "status", Search: sidNo(77), Limit: 1})
		if err != nil || len(list) != 1 || !strings.Contains(list[0].Effect, step.effect) {
			t.Errorf("%v: %+v %v", step.form, list, err)
		}
		if got := a.thread(c)[1].Status; got != step.status {
			t.Errorf("%v: %s", step.form, got)
		}
	}
}

// What is played again, or restored, was received when it came first: its session, its waiting, its word about consent
// count from then, it overrules nothing newer, and nothing is said by itself.
func TestReplayCountsFromThen(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	desk, err := a.Store.Desk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	desk.Greeting = models.Rule{On: true, Text: "Welcome"}
	if err := a.Store.InTx(t.Context(), func(tx *models.Tx) error { return tx.SaveDesk(models.System("test"), desk) }); err != nil {
		t.Fatal(err)
	}
	a.signed(messages, written(1, "whatsapp:"+lena, "Body", "I need help"))
	a.signed(messages, written(2, "whatsapp:"+noor, "Body", "STOP"))
	lost := func() {
		a.exec("DELETE FROM messages")
		a.exec(`UPDATE conversations SET last_inbound_at = NULL, window_closes_at = NULL, waiting_since = NULL, last_message_at = NULL, unread_count = 0, session_began_at = NULL, opened_at = NULL`)
		a.exec("UPDATE contacts SET window_closes_at = NULL, last_seen_at = NULL")
	}
	lost()
	came := a.Store.Now()
	a.Sim.MoveClock(30 * time.Hour)
	replay := func(n int) {
		t.Helper()
		list, err := a.Store.Receipts(t.Context(), models.ReceiptFilter{Search: sidNo(n), Limit: 5})
		if err != nil || len(list) == 0 {
			t.Fatal(err, len(list))
		}
		// also from the receipt of a replay
		if r := ada.post("/settings/webhooks/"+list[0].PublicID+"/replay", nil); r.Status != http.StatusSeeOther {
			t.Fatal(r.Status, r.Text())
		}
	}
	near := func(what string, at *time.Time) {
		t.Helper()
		if at == nil || came.Sub(*at).Abs() > time.Minute {
			t.Errorf("%s: %v, not %v", what, at, came)
		}
	}
	for range 2 {
		replay(1)
	}
	c := a.conversation(lena, 1)
	near("last inbound", c.LastInboundAt)
	near("waiting", c.WaitingSince)
	near("last message", c.LastMessageAt)
	near("opened", c.OpenedAt)
	near("message", &a.thread(c)[0].CreatedAt)
	if c.WindowOpen(a.Store.Now()) || c.Contact.WindowClosesAt.After(a.Store.Now()) {
		t.Error("the session is open again")
	}
	if c.UnreadCount != 1 || len(a.thread(c)) != 1 {
		t.Errorf("%d unread, %d messages: a greeting went out, or it came twice", c.UnreadCount, len(a.thread(c)))
	}
	if r := ada.post("/conversations/"+c.PublicID+"/replies", reply("Hi")); r.Status != http.StatusConflict {
		t.Errorf("a reply outside the session: %d", r.Status)
	}
	// A word about consent is as old as its message.
	stopped := a.contactAt(noor)
	near("the opt-out", stopped.ConsentAt)
	a.signed(messages, written(3, "whatsapp:"+noor, "Body", "START"))
	lost()
	replay(2)
	if got := a.contactAt(noor); got.Consent != whatsapp.OptedIn {
		t.Errorf("an old STOP overruled a newer START: %s", got.Consent)
	}
	// A message that came since stays the last one.
	a.signed(messages, written(4, "whatsapp:"+lena, "Body", "newer"))
	a.exec("DELETE FROM messages WHERE twilio_sid = $1", sidNo(1))
	replay(1)
	if c := a.conversation(lena, 1); c.LastLine == "I need help" || !c.WindowOpen(a.Store.Now()) || !c.WaitingSince.Before(came.Add(time.Minute)) {
		t.Errorf("an old message overruled a newer one: %q, waits since %v", c.LastLine, c.WaitingSince)
	}
}

// Nothing of a body is left after its person was erased, by whichever address it names them, or after its time.
func TestBodiesGo(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	const mexican, variant, id, parent = "+5215512345678", "+525512345678", "MX.1502576394655843", "MX.ENT.118157992128868"
	a.signed(messages, written(1, "whatsapp:"+mexican, "Body", "secret one", "ExternalUserId", id, "ParentExternalUserId", parent))
	bodies := []url.Values{
		{"MessageSid": {sidNo(2)}, "MessageStatus": {"sent"}, "To": {"whatsapp:" + variant}, "Note": {"secret two"}},
		{"MessageSid": {sidNo(3)}, "MessageStatus": {"sent"}, "To": {"whatsapp:" + id}, "Note": {"secret three"}},
		{"MessageSid": {sidNo(4)}, "MessageStatus": {"sent"}, "ParentExternalUserId": {parent}, "Note": {"secret four"}},
		{"To": {"whatsapp:" + mexican}, "Note": {"secret five"}}, // refused: no message
	}
	for _, form := range bodies {
		a.signed(statuses, form)
	}
	a.signed(messages, written(9, "messenger:77", "Body", "secret six"))
	a.signed(messages, written(10, "whatsapp:"+lena, "Body", "somebody else"))
	kept := func() int { return a.count("webhook_receipts WHERE raw_body IS NOT NULL OR form <> ''") }
	if n := kept(); n != 7 {
		t.Fatalf("%d bodies", n)
	}
	for _, n := range []int{1, 9} {
		conv, err := a.Store.ConversationByPublicID(t.Context(), a.conversationOf(n))
		if err != nil {
			t.Fatal(err)
		}
		if r := ada.post("/contacts/"+conv.Contact.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Status, r.Text())
		}
	}
	if n := kept(); n != 1 {
		t.Errorf("%d bodies are left, want the other person's", n)
	}
	for _, secret := range []string{mexican, variant, id, parent, "messenger:77"} {
		if where := a.findText(secret); where != "" {
			t.Errorf("%q is still in %s", secret, where)
		}
	}
	list, err := a.Store.Receipts(t.Context(), models.ReceiptFilter{Search: sidNo(1), Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	ada.post("/settings/webhooks/"+list[0].PublicID+"/replay", nil)
	if n := a.count("webhook_receipts WHERE replay_of IS NOT NULL"); n != 0 {
		t.Error("an erased person's message can be played again")
	}
	// Retention takes what no message belongs to as well.
	a.signed(statuses, url.Values{"Note": {"old, and of no message"}})
	a.exec("UPDATE webhook_receipts SET received_at = now() - interval '13 months' WHERE verdict = 'malformed'")
	a.exec("UPDATE messages SET created_at = now() - interval '13 months'")
	ada.post("/settings/privacy", url.Values{"message_months": {"12"}, "media_months": {"0"}, "do": {"save"}})
	if err := a.Deps.Contacts.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d bodies outlive their messages", n)
	}
}
