package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/privacy"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

const noor = "+4915123456789"

// statusOf waits until the latest message of a conversation has a status.
func (a *app) last(c *conversations.Conversation, want whatsapp.Status) conversations.Message {
	a.t.Helper()
	var m conversations.Message
	a.eventually("the last message is "+string(want), func() bool {
		list := a.thread(c)
		m = list[len(list)-1]
		return m.Status == want
	})
	return m
}

func reply(text string) url.Values { return url.Values{"body": {text}, "token": {"t-" + text}} }

// Joining the Sandbox is an opt-in with its proof; a reply is sent and its status comes back.
func TestChat(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	history, err := people.Read(a.Store).ConsentHistory(t.Context(), c.ContactID)
	if err != nil || len(history) != 1 || history[0].Source != whatsapp.SourceSandboxJoin || !strings.Contains(history[0].Proof, "join") {
		t.Fatalf("consent by joining: %+v %v", history, err)
	}
	ana := a.as("ana")
	if r := ana.post("/conversations/"+c.PublicID+"/replies", reply("Good morning")); r.Status != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", r.Status, r.Text())
	}
	a.last(c, whatsapp.Delivered)
	a.Sim.ReadAll(noor, simulator.SandboxPhone)
	m := a.last(c, whatsapp.Read)
	if m.SentAt == nil || m.DeliveredAt == nil || m.ReadAt == nil {
		t.Errorf("times: %+v", m)
	}
	// A form that is sent twice creates one message.
	ana.post("/conversations/"+c.PublicID+"/replies", reply("Good morning"))
	if n := len(a.thread(c)); n != 3 {
		t.Errorf("%d messages, want 3", n)
	}
}

// Promise 1: no free-form message is sent outside an open session. It is refused when it is written, with the text
// kept, and again at the moment of sending.
func TestNoFreeFormOutsideTheSession(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	// Queued while the session is open, but not sendable in time: the sender is offline until the session is over.
	sender, err := senders.Read(a.Store).SenderByPublicID(t.Context(), c.Sender.PublicID)
	if err != nil {
		t.Fatal(err)
	}
	set := func(state string) {
		if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE senders SET state = $1 WHERE id = $2", state, sender.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE senders SET messages_per_second = 500"); err != nil {
		t.Fatal(err)
	}
	err = a.Store.InTx(t.Context(), func(tx *models.Tx) error {
		conv, err := conversations.ConversationForUpdate(tx, c.PublicID)
		if err != nil {
			return err
		}
		later := a.Store.Now().Add(25 * time.Hour)
		_, err = conversations.QueueMessage(tx, conv, &conversations.Message{Body: "too late", SendAt: &later})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set("online")
	a.Sim.MoveClock(26 * time.Hour)
	m := a.last(c, whatsapp.Refused)
	if m.ErrorMessage != "window_closed" {
		t.Errorf("refused for %q", m.ErrorMessage)
	}
	r := ana.post("/conversations/"+c.PublicID+"/replies", reply("And now?"))
	if r.Status != http.StatusConflict || !strings.Contains(r.Problem("body"), "24-hour session") || !strings.Contains(r.Body, "And now?") {
		t.Errorf("a reply after the session: %d %q", r.Status, r.Problem("body"))
	}
	for _, m := range a.Sim.Messages(noor) {
		if !m.Inbound && !m.Local {
			t.Errorf("%q reached Twilio", m.Body)
		}
	}
}

// Promise 2: no template is sent to a contact who is not opted in at the moment of sending, even if the opt-out came
// after it was queued. Promise 3: only an approved version is sent.
func TestNoTemplateWithoutConsentOrApproval(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	list, err := templates.Read(a.Store).ApprovedVersions(t.Context(), true, models.Admin)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	v := list[0]
	values := url.Values{"template": {v.PublicID}, "value-1": {"Tuesday"}, "value-2": {"10:00"}, "token": {"1"}}
	queue := func(at time.Duration) {
		err := a.Store.InTx(t.Context(), func(tx *models.Tx) error {
			conv, err := conversations.ConversationForUpdate(tx, c.PublicID)
			if err != nil {
				return err
			}
			later := a.Store.Now().Add(at)
			_, err = conversations.QueueMessage(tx, conv, &conversations.Message{Kind: whatsapp.KindTemplate, VersionID: &v.ID, Body: "x", Variables: templates.Values{"1": "a", "2": "b"}, SendAt: &later})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	queue(2 * time.Hour)
	a.Sim.Write(noor, simulator.SandboxPhone, simulator.Outgoing{Body: " Stop! "})
	a.conversation(noor, 4)
	a.Sim.MoveClock(3 * time.Hour)
	a.eventually("the queued template is refused", func() bool {
		for _, m := range a.thread(c) {
			if m.Status == whatsapp.Refused && m.ErrorMessage == "not_opted_in" {
				return true
			}
		}
		return false
	})
	ana := a.as("ana")
	if r := ana.post("/conversations/"+c.PublicID+"/templates", values); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "opted out") {
		t.Errorf("a template after STOP: %d %s", r.Status, r.Text())
	}
	// A plain message does not revoke the opt-out; START does.
	a.Sim.Write(noor, simulator.SandboxPhone, simulator.Outgoing{Body: "hello again, please start later"})
	a.conversation(noor, 5)
	if r := ana.post("/conversations/"+c.PublicID+"/templates", values); r.Status != http.StatusConflict {
		t.Errorf("a plain message revived the opt-out: %d", r.Status)
	}
	a.Sim.Write(noor, simulator.SandboxPhone, simulator.Outgoing{Body: "START"})
	a.conversation(noor, 6)
	if r := ana.post("/conversations/"+c.PublicID+"/templates", values); r.Status != http.StatusSeeOther {
		t.Fatalf("a template after START: %d %s", r.Status, r.Text())
	}
	a.last(c, whatsapp.Delivered)
	// When WhatsApp revokes an approval, queued messages are stopped.
	queue(time.Hour)
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE template_versions SET state = 'paused' WHERE id = $1", v.ID); err != nil {
		t.Fatal(err)
	}
	a.Sim.MoveClock(2 * time.Hour)
	if m := a.last(c, whatsapp.Refused); m.ErrorMessage != "not_approved" {
		t.Errorf("refused for %q", m.ErrorMessage)
	}
}

// Promise 4: a repeated webhook changes nothing, and statuses never go backward.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	inbound := url.Values{"MessageSid": {"SM" + strings.Repeat("1", 32)}, "AccountSid": {account}, "From": {"whatsapp:" + noor}, "To": {"whatsapp:+15550001111"},
		"Body": {"Hi"}, "ProfileName": {"Noor"}, "NumMedia": {"0"}, "SomethingNew": {"kept"}}
	hook := func(path string, form url.Values, sign string) int {
		req, err := http.NewRequest(http.MethodPost, a.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		req.Header.Set("X-Twilio-Signature", twilio.Signature(sign, a.URL+path, form))
		return a.as("").send(req).Status
	}
	count := func(table string) (n int) {
		if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 3 {
		if got := hook("/webhooks/twilio/messages", inbound, token); got != 200 {
			t.Fatalf("inbound: %d", got)
		}
	}
	if hook("/webhooks/twilio/messages", inbound, "another0token") != 200 {
		t.Error("another configured token must do as well")
	}
	// Each delivery stored its verdict, and pruning old receipts deletes none of them.
	if err := privacy.Prune(t.Context(), a.Store); err != nil {
		t.Fatal(err)
	}
	if n := count("webhook_receipts WHERE received_at > now() - interval '1 minute' AND verdict IN ('accepted', 'repeated')"); n != 4 {
		t.Errorf("%d receipts, want 4", n)
	}
	if m, c, v := count("messages"), count("contacts"), count("conversations"); m != 1 || c != 1 || v != 1 {
		t.Errorf("repeated delivery: %d messages, %d contacts, %d conversations", m, c, v)
	}
	second := url.Values{}
	for k, v := range inbound {
		second[k] = v
	}
	second.Set("MessageSid", "SM"+strings.Repeat("2", 32))
	if got := hook("/webhooks/twilio/messages", second, "wrong"); got != 403 {
		t.Errorf("wrong signature: %d", got)
	}
	if m := count("messages"); m != 1 {
		t.Errorf("%d messages after a refused webhook", m)
	}
	conv := a.conversation(noor, 1)
	if r := a.as("ana").post("/conversations/"+conv.PublicID+"/replies", reply("Hello")); r.Status != http.StatusConflict && r.Status != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", r.Status, r.Text())
	}

	// Statuses arrive in every order, each twice; the sid may be unknown at first.
	orders := [][]string{{"sent", "delivered", "read"}, {"read", "delivered", "sent"}, {"delivered", "sent"}, {"undelivered", "sent"}, {"sent", "undelivered", "delivered"}, {"delivered", "failed"}}
	wants := []whatsapp.Status{whatsapp.Read, whatsapp.Read, whatsapp.Delivered, whatsapp.Undelivered, whatsapp.Undelivered, whatsapp.Delivered}
	for i, order := range orders {
		sid := fmt.Sprintf("SM%032d", 100+i)
		early := i%2 == 0
		id := a.sent(conv, sid, early)
		for _, s := range append(order, order...) {
			if got := hook("/webhooks/twilio/status", url.Values{"MessageSid": {sid}, "AccountSid": {account}, "MessageStatus": {s}, "ErrorCode": {"63024"}}, token); got != 200 {
				t.Errorf("status %s: %d", s, got)
			}
		}
		if !early {
			err := a.Store.InTx(t.Context(), func(tx *models.Tx) error { return conversations.SettleAccepted(tx, id, sid) })
			if err != nil {
				t.Fatal(err)
			}
		}
		var got whatsapp.Status
		if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT status FROM messages WHERE id = $1", id).Scan(&got); err != nil || got != wants[i] {
			t.Errorf("%v (known before: %v) ends as %s, want %s", order, early, got, wants[i])
		}
	}
}

// sent writes an outbound message that Twilio has just accepted, with or without a known sid.
func (a *app) sent(c *conversations.Conversation, sid string, known bool) (id int64) {
	a.t.Helper()
	var value any
	status := "sending"
	if known {
		value, status = sid, "accepted"
	}
	err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), `INSERT INTO messages (conversation_id, sender_id, direction, body, status, twilio_sid, send_at, created_at, sending_at, claimed_by)
		VALUES ($1, $2, 'outbound', 'x', $3, $4, now(), now(), now(), 'test') RETURNING id`, c.ID, c.SenderID, status, value).Scan(&id)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

// A clock that is set back by minutes neither delays messages nor lets one be sent twice: a message that Twilio
// accepted without an answer is found although its time is in Parley's future.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.Sim.MoveClock(time.Hour)
	c := a.joined(noor, "Noor", "Hello")
	before := a.Store.Now()
	a.Sim.SetGone(true)
	ana := a.as("ana")
	for i := range 4 {
		if r := ana.post("/conversations/"+c.PublicID+"/replies", reply(fmt.Sprint("message ", i))); r.Status != http.StatusSeeOther {
			t.Fatalf("reply: %d %s", r.Status, r.Text())
		}
	}
	a.Sim.MoveClock(-5 * time.Minute)
	a.Sim.SetFaults(simulator.Faults{TimeOut: 2, NoCallbacks: true})
	a.Sim.SetGone(false)
	a.eventually("all have left", func() bool {
		n := 0
		for _, m := range a.thread(c) {
			if m.TwilioSid != nil && m.Direction == whatsapp.Outbound {
				n++
			}
		}
		return n == 4
	})
	seen := map[string]int{}
	for _, m := range a.Sim.Messages(noor) {
		seen[m.Body]++
	}
	for i := range 4 {
		if n := seen[fmt.Sprint("message ", i)]; n != 1 {
			t.Errorf("message %d arrived %d times", i, n)
		}
	}
	if now := a.Store.Now(); now.Before(before) {
		t.Errorf("the clock went back from %v to %v", before, now)
	}
	a.Sim.MoveClock(-30 * time.Minute)
	if now := a.Store.Now(); !now.Before(before) {
		t.Errorf("a clock that was wrong by half an hour is still waited for: %v", now)
	}
}

// Promise 5: each message arrives once and in order, whatever Twilio answers.
func TestEachMessageOnceWhateverTwilioAnswers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	a.Sim.SetFaults(simulator.Faults{TooMany: 1, CutOff: 2, TimeOut: 1, ErrorAfterTaking: 1, ServerError: 1, DuplicateCallbacks: true, OutOfOrderCallbacks: true})
	ana := a.as("ana")
	for i := range 8 {
		if r := ana.post("/conversations/"+c.PublicID+"/replies", reply(fmt.Sprint("message ", i))); r.Status != http.StatusSeeOther {
			t.Fatalf("reply: %d %s", r.Status, r.Text())
		}
	}
	a.eventually("all are delivered", func() bool {
		n := 0
		for _, m := range a.thread(c) {
			if m.Status == whatsapp.Delivered {
				n++
			}
		}
		return n == 8
	})
	seen := map[string]int{}
	for _, m := range a.Sim.Messages(noor) {
		if !m.Inbound && !m.Local {
			seen[m.Body]++
		}
	}
	for i := range 8 {
		if n := seen[fmt.Sprint("message ", i)]; n != 1 {
			t.Errorf("message %d reached Twilio %d times", i, n)
		}
	}
}

// A failed message says what happened and what to do, and can be sent again once.
func TestFailureIsExplained(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	a.Sim.MoveClock(0)
	// Twilio refuses a message that Parley would allow: the person left the Sandbox and Parley does not know.
	a.Sim.Forget(noor)
	ana.post("/conversations/"+c.PublicID+"/replies", reply("Hello?"))
	m := a.last(c, whatsapp.Failed)
	page := ana.get("/inbox/" + c.PublicID)
	if text := page.Doc().Find("[data-testid=failure]").Text(); !strings.Contains(text, "not joined the Sandbox") || !strings.Contains(text, "63015") || !strings.Contains(text, "join words") {
		t.Errorf("the failure says %q", text)
	}
	ana.post("/messages/"+m.PublicID+"/retry", nil)
	if n := len(a.thread(c)); n != 3 {
		t.Errorf("%d messages: what Twilio said about the Sandbox is forgotten", n)
	}
	a.Sim.Write(noor, simulator.SandboxPhone, simulator.Outgoing{Body: "join " + simulator.JoinWords})
	a.conversation(noor, 4)
	if r := ana.post("/messages/"+m.PublicID+"/retry", nil); r.Status != http.StatusSeeOther {
		t.Errorf("send again: %d", r.Status)
	}
	ana.post("/messages/"+m.PublicID+"/retry", nil)
	if n := len(a.thread(c)); n != 5 {
		t.Errorf("%d messages after sending again twice, want 5", n)
	}
}

// Invalid input is refused beside its field, and no input is lost.
func TestBadRepliesKeepTheText(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	path := "/conversations/" + c.PublicID
	long := strings.Repeat("ä", 1601)
	if r := ana.post(path+"/replies", reply("  ")); r.Status != 422 || r.Problem("body") == "" {
		t.Errorf("empty: %d %q", r.Status, r.Problem("body"))
	}
	if r := ana.post(path+"/replies", reply(long)); r.Status != 422 || !strings.Contains(r.Problem("body"), "1601") || !strings.Contains(r.Body, long) {
		t.Errorf("too long: %d %q", r.Status, r.Problem("body"))
	}
	if r := ana.post(path+"/replies", reply(strings.Repeat("ä", 1600))); r.Status != http.StatusSeeOther {
		t.Errorf("1,600 characters: %d", r.Status)
	}
	list, err := templates.Read(a.Store).ApprovedVersions(t.Context(), true, models.Admin)
	if err != nil {
		t.Fatal(err)
	}
	r := ana.post(path+"/templates", url.Values{"template": {list[0].PublicID}, "value-1": {"kept\nline"}, "token": {"x"}})
	if r.Status != 422 || r.Problem("value-2") == "" || !strings.Contains(r.Problem("value-1"), "one line") || !strings.Contains(r.Body, "kept") {
		t.Errorf("values: %d, 1 %q, 2 %q", r.Status, r.Problem("value-1"), r.Problem("value-2"))
	}
	if r := ana.upload(path+"/replies", "notes.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00 a program"), "with text"); r.Status != 422 || !strings.Contains(r.Problem("file"), "WhatsApp takes no such file") || !strings.Contains(r.Body, "with text") {
		t.Errorf("a program: %d %q", r.Status, r.Problem("file"))
	}
	if r := ana.upload(path+"/replies", "big.png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 5<<20)...), ""); r.Status != 422 || !strings.Contains(r.Problem("file"), "5 MB") {
		t.Errorf("a large picture: %d %q", r.Status, r.Problem("file"))
	}
	if r := ana.upload(path+"/replies", "ok.png", []byte("\x89PNG\r\n\x1a\nrest"), "see"); r.Status != http.StatusSeeOther {
		t.Errorf("a picture: %d %s", r.Status, r.Text())
	}
	m := a.last(c, whatsapp.Delivered)
	a.eventually("Twilio can fetch the picture", func() bool {
		for _, s := range a.Sim.Messages(noor) {
			if s.Body == "see" && s.Media != "" {
				return a.as("").get(strings.TrimPrefix(s.Media, a.URL)).Body == "\x89PNG\r\n\x1a\nrest"
			}
		}
		return false
	})
	if a.as("").get("/media/"+m.PublicID).Status != http.StatusSeeOther {
		t.Error("media without a sign-in")
	}
}

func (v *visitor) upload(path, name string, content []byte, body string) answer {
	v.app.t.Helper()
	return v.uploadFile(path, name, content, "body", body, "token", name)
}
