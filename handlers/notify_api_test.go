package handlers_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/models/senders"
	"parley/models/templates"
	"parley/simulator"
)

// apiKey creates a key for the API.
func (a *app) apiKey(ada *visitor) string {
	a.t.Helper()
	return ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
}

// told is the API's response.
type told struct {
	Status     int `json:"-"`
	ID         string
	Error      string
	Field      string
	Code       string
	Waits      string
	SendAt     time.Time `json:"send_at"`
	ValidUntil time.Time `json:"valid_until"`
}

// wanted is a request body for a notification. more are further fields, each after a comma.
type wanted struct{ to, template, more string }

// ask requests a notification and parses the response.
func (a *app) ask(key, idempotency string, w wanted) told {
	a.t.Helper()
	r := a.call(key, idempotency,
		`{"to": "`+w.to+`", "template": "`+w.template+`", "sender": "`+simulator.BusinessPhone+`"`+w.more+`}`)
	out := told{}
	if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
		a.t.Fatalf("%v: %s", err, r.Body)
	}
	out.Status = r.Status
	return out
}

// codeTemplate is an approved one-time code.
func (a *app) codeTemplate(otto *visitor, name string) {
	a.t.Helper()
	otto.submitted(with(draftForm(name, ""), "type", "whatsapp/authentication", "category", "AUTHENTICATION", "copy", "Copy code", "minutes", "10", "advice", "yes"), "approved")
}

// arrived is how many messages a phone has received.
func (a *app) arrived(phone string) (n int) {
	for _, m := range a.Sim.Messages(phone) {
		if m.DeliveredToPhone {
			n++
		}
	}
	return n
}

const orderValues = `, "values": {"Name": "Noor", "Number": "4711"}`

// A message of the API has a limited validity, which is passed on to Twilio. The answer says that a sender is offline,
// and a message that waits for the sender is not sent after its validity has ended.
func TestNotifyAPIValidity(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order {{Number}} is ready for you.", "Name", "Noor", "Number", "4711")
	a.codeTemplate(otto, "sign_in")
	phones, key := a.crowd(4), a.apiKey(ada)
	code := `, "values": {"Code": "482913"}`

	if r := a.ask(key, "a", wanted{phones[0], "sign_in", code}); r.Status != 201 ||
		r.ValidUntil.Sub(r.SendAt) != 10*time.Minute || r.Waits != "" {
		t.Fatalf("a code: %+v", r)
	}
	a.eventually("it arrives", func() bool { return len(a.Sim.Messages(phones[0])) == 1 })
	if v := a.Sim.Messages(phones[0])[0].Validity; v < 500 || v > 600 {
		t.Errorf("Twilio may keep the code for %d s", v)
	}
	a.ask(key, "b", wanted{phones[1], "order_ready", orderValues})
	a.eventually("it arrives", func() bool { return len(a.Sim.Messages(phones[1])) == 1 })
	if v := a.Sim.Messages(phones[1])[0].Validity; v != 36000 {
		t.Errorf("Twilio may keep the message for %d s", v)
	}

	// While Twilio is being asked to change the sender's state, reports about the state in between do not count.
	a.exec("UPDATE senders SET state = 'offline', twilio_status = $1 WHERE kind = 'business'", senders.TwilioAsked)
	if r := a.ask(key, "c", wanted{phones[2], "sign_in", code}); r.Status != 409 || r.Code != "sender_offline" ||
		r.Field != "sender" {
		t.Errorf("an offline sender: %+v", r)
	}
	waiting := a.ask(key, "d", wanted{phones[3], "sign_in", code + `, "wait": true`})
	if waiting.Status != 201 || waiting.Waits != "sender_offline" {
		t.Errorf("waiting for it: %+v", waiting)
	}
	a.Sim.MoveClock(72 * time.Hour)
	a.exec("UPDATE senders SET state = 'online', twilio_status = '' WHERE kind = 'business'")
	// The refusal was temporary: the same key can be used again.
	if r := a.ask(key, "c", wanted{phones[2], "sign_in", code}); r.Status != 201 {
		t.Errorf("asked again: %+v", r)
	}
	a.eventually("the one that waited is refused", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE public_id = $1 AND status = 'refused' AND error_message = 'too_late'", waiting.ID) == 1
	})
	if n := len(a.Sim.Messages(phones[3])); n != 0 {
		t.Errorf("a code arrives after %d messages, three days late", n)
	}
	if r := a.ask(key, "e", wanted{phones[0], "sign_in", code + `, "valid_for": 86400`}); r.Status != 422 ||
		r.Field != "valid_for" || r.Code != "invalid_valid_for" {
		t.Errorf("a code for a day: %+v", r)
	}
}

// Messages from other programs count towards a person's frequency cap, and obey it and the quiet hours; one-time codes
// ignore both, here and in notifications.
func TestNotifyAPIObeysTheRules(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order {{Number}} is ready for you.", "Name", "Noor", "Number", "4711")
	a.codeTemplate(otto, "sign_in")
	phones, key := a.crowd(3), a.apiKey(ada)
	code := `, "values": {"Code": "482913"}`
	rules := func(pairs ...string) {
		t.Helper()
		r := ada.post("/notifications/settings", with(url.Values{"per_day": {"1"}, "min_hours": {"0"}, "approve_above": {"0"}, "prices": {"* UTILITY 0.01"}, "prices_of": {"2026-10-01"}, "currency": {"USD"}}, pairs...))
		if r.Status != 303 {
			t.Fatalf("rules: %d %s", r.Status, r.Text())
		}
	}
	rules()
	for _, step := range []struct {
		key, template, more string
		status              int
		code                string
	}{
		{"code first", "sign_in", code, 201, ""}, // it does not count towards the cap
		{"one", "order_ready", orderValues, 201, ""},
		{"two", "order_ready", orderValues, 422, "cap_today"},
		{"another code", "sign_in", code, 201, ""}, // and is not held back by it
	} {
		if r := a.ask(key, step.key, wanted{phones[0], step.template, step.more}); r.Status != step.status ||
			r.Code != step.code {
			t.Errorf("%s: %+v", step.key, r)
		}
	}
	// It counts towards the cap of a notification, too; a code in a notification goes to everybody.
	page := a.checked(otto, with(a.base(v, "after"), "audience", "filter", "value-1", "you", "value-2", "4712"))
	if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != "2" {
		t.Errorf("%s get the notification, want 2", got)
	}
	var id string
	if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT v.public_id FROM template_versions v JOIN templates t ON t.id = v.template_id WHERE t.name = 'sign_in'").Scan(&id); err != nil {
		t.Fatal(err)
	}
	page = a.checked(otto, with(a.base(&templates.TemplateVersion{PublicID: id}, "codes"), "audience", "filter", "value-1", "482913"))
	if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != "3" {
		t.Errorf("%s get the code, want all 3", got)
	}
	// The quiet hours include the current moment in the contacts' time zone.
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	here := a.Store.Now().In(berlin)
	rules("quiet_from", here.Add(-2*time.Hour).Format("15:04"), "quiet_to", here.Add(2*time.Hour).Format("15:04"))
	if r := a.ask(key, "quiet", wanted{phones[1], "order_ready", orderValues}); r.Status != 201 ||
		r.Waits != "quiet_hours" || r.SendAt.Sub(a.Store.Now()) < time.Hour {
		t.Errorf("in the quiet hours: %+v", r)
	}
	if r := a.ask(key, "too quiet", wanted{phones[2], "order_ready", orderValues + `, "valid_for": 600`}); r.Status != 409 || r.Code != "quiet_hours" {
		t.Errorf("quiet for longer than it is wanted: %+v", r)
	}
	if r := a.ask(key, "code at night", wanted{phones[1], "sign_in", code}); r.Status != 201 || r.Waits != "" {
		t.Errorf("a code in the quiet hours: %+v", r)
	}
	a.eventually("the code arrives, and what waits for the end of the quiet hours does not hold it up", func() bool {
		return a.arrived(phones[1]) == 1
	})
	if text := otto.get("/notifications/new").Body; !strings.Contains(text, here.Add(2*time.Hour).Format("15:04")) {
		t.Error("a new notification does not begin with the quiet hours")
	}
}

// A temporary failure is retried while the message is valid, and not after.
func TestNotifyAPITriesAgain(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order {{Number}} is ready for you.", "Name", "Noor", "Number", "4711")
	phones, key := a.crowd(2), a.apiKey(ada)
	a.Sim.SetFaults(simulator.Faults{FailNext: 1, FailCode: 63018})
	a.ask(key, "one", wanted{phones[0], "order_ready", orderValues})
	a.eventually("it failed and waits", func() bool { return a.number("SELECT count(*) FROM message_attempts WHERE error_code = 63018") == 1 })
	a.Sim.MoveClock(time.Minute)
	a.eventually("it arrives at the second try", func() bool { return a.arrived(phones[0]) == 1 })
	// A message whose validity is shorter than the retry delay has expired.
	a.Sim.SetFaults(simulator.Faults{FailNext: 1, FailCode: 63038})
	a.ask(key, "two", wanted{phones[1], "order_ready", orderValues + `, "valid_for": 3600`})
	a.eventually("it failed for good", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE status = 'failed' AND error_code = 63038") == 1
	})
}
