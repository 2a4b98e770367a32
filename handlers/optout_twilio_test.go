package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"parley/models/conversations/outbox"
	"parley/simulator"
	"parley/whatsapp"
)

// Every way in which Twilio reports that a person wants no more messages is an opt-out with its source and code: the
// answer to a call, a callback, a callback before the sid is known, a callback for an unknown message, and the answer
// to a look-up. Other errors are not opt-outs, and a repeated callback changes nothing.
func TestTwilioTellsOptOuts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ana := a.as("otto"), a.as("ana")
	a.customers(noor)
	c := a.conversation(noor, 1)
	learnt := func(how string, code int) {
		t.Helper()
		a.eventually(how, func() bool { return a.contactAt(noor).Consent == whatsapp.OptedOut })
		e := a.consents(noor)[0]
		if e.Source != whatsapp.SourceTwilio || !strings.Contains(e.Proof, strconv.Itoa(code)) {
			t.Errorf("%s: %s %q", how, e.Source, e.Proof)
		}
		a.optedIn(otto, noor)
	}
	said := 0
	send := func() {
		said++
		ana.post("/conversations/"+c.PublicID+"/replies", reply("message "+strconv.Itoa(said)))
	}
	for _, code := range []int{21610, 63014} {
		a.Sim.SetFaults(simulator.Faults{RefuseNext: 1, RefuseCode: code})
		send()
		learnt("the answer to a call", code)
		a.Sim.SetFaults(simulator.Faults{FailNext: 1, FailCode: code})
		send()
		learnt("a callback", code)
	}
	a.Sim.SetFaults(simulator.Faults{})
	callback := func(sid string, code int, to string) {
		t.Helper()
		form := url.Values{"MessageSid": {sid}, "AccountSid": {account}, "MessageStatus": {"undelivered"}, "ErrorCode": {strconv.Itoa(code)}, "To": {"whatsapp:" + to}, "From": {"whatsapp:" + clinic}}
		if r := a.signed("/webhooks/twilio/status", form); r.Status != 200 {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	sid := func(n string) string { return "SM" + strings.Repeat("a", 31) + n }
	callback(sid("1"), 63014, noor)
	learnt("a callback of a message that is not known", 63014)
	callback(sid("1"), 63014, noor) // again, after the person has opted in again
	for i, code := range []int{63015, 63016, 63024, 21211, 63049} {
		callback(sid(strconv.Itoa(i+2)), code, noor)
	}
	callback(sid("7"), 63014, "+4915199999999") // nobody
	if got := a.contactAt(noor).Consent; got != whatsapp.OptedIn {
		t.Errorf("a repeated callback and other errors: %s", got)
	}
	// A callback that was stored until its message was known.
	send()
	m := a.last(c, whatsapp.Delivered)
	a.exec("INSERT INTO status_events (message_sid, status, error_code, received_at) VALUES ($1, 'undelivered', 63014, now())", sid("8"))
	a.exec("UPDATE messages SET status = 'in_doubt', twilio_sid = NULL WHERE id = $1", m.ID)
	if err := outbox.SettleTaken(t.Context(), a.Store, []outbox.Taken{{ID: m.ID, Sid: sid("8")}}); err != nil {
		t.Fatal(err)
	}
	learnt("a callback before the sid was known", 63014)
	// Twilio is asked about a message without any status.
	a.Sim.SetFaults(simulator.Faults{NoCallbacks: true, FailNext: 1, FailCode: 63014})
	send()
	a.last(c, whatsapp.Accepted)
	a.exec("UPDATE messages SET sending_at = sending_at - interval '6 minutes', created_at = created_at - interval '6 minutes' WHERE status = 'accepted'")
	learnt("what Twilio says when it is asked", 63014)
}

// Twilio's answer is applied to the person even after a merge, and causes no error if the person was erased meanwhile.
func TestTwilioTellsOptOutOfTheMerged(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada, ana := a.as("otto"), a.as("ada"), a.as("ana")
	const lena = "+4915122222222"
	a.customers(noor, lena)
	c := a.conversation(lena, 1)
	ana.post("/conversations/"+c.PublicID+"/replies", reply("hello"))
	m := a.last(c, whatsapp.Delivered)
	keep, drop := a.contactAt(noor), a.contactAt(lena)
	if r := otto.post("/contacts/"+keep.PublicID+"/merge", url.Values{"other": {drop.PublicID}}); r.Status != 303 {
		t.Fatal(r.Status)
	}
	told := func(sid, status string) answer {
		return a.signed("/webhooks/twilio/status", url.Values{"MessageSid": {sid}, "AccountSid": {account}, "MessageStatus": {status}, "ErrorCode": {"63014"}, "To": {"whatsapp:" + lena}})
	}
	if told(*m.TwilioSid, "undelivered"); a.contactAt(noor).Consent != whatsapp.OptedOut {
		t.Error("the merged person's opt-out was lost")
	}
	if r := ada.post("/contacts/"+keep.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != 303 {
		t.Fatalf("erase: %d", r.Status)
	}
	if r := told(*m.TwilioSid, "failed"); r.Status != 200 {
		t.Errorf("a callback about somebody who was erased: %d", r.Status)
	}
}

// A test of a draft and a call of the API count like any other message: Twilio's refusal is an opt-out.
func TestTwilioTellsOptOutsOfTestsAndAPI(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	a.customers(noor)
	a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order is ready for you.", "Name", "Noor")
	draft := otto.post("/templates/autosave", draftForm("try_me", "Hello {{Name}}, can you come?", "Name", "Noor")).Header.Get("X-Draft")
	key := ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	for name, send := range map[string]func() int{
		"test": func() int {
			return otto.post("/templates/test", url.Values{"id": {draft}, "version": {"1"}, "test_phone": {noor}, "test_sender": {a.sender(false).PublicID}}).Status
		},
		"API": func() int {
			body := `{"to": "` + noor + `", "template": "order_ready", "sender": "` + clinic + `", "values": {"Name": "Noor"}}`
			req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/notifications/send", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+key)
			req.Header.Set("Idempotency-Key", "one")
			return a.as("").send(req).Status
		},
	} {
		a.optedIn(otto, noor)
		a.Sim.SetFaults(simulator.Faults{RefuseNext: 1, RefuseCode: 21610})
		if status := send(); status >= 300 {
			t.Fatalf("%s: %d", name, status)
		}
		a.eventually("the refused "+name+" is an opt-out", func() bool { return a.contactAt(noor).Consent == whatsapp.OptedOut })
		if e := a.consents(noor)[0]; e.Source != whatsapp.SourceTwilio || !strings.Contains(e.Proof, "21610") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
