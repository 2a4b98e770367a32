package notifying_test

import (
	"encoding/json"
	"testing"

	"parley/models/accounts"
	"parley/models/notifications"
	"parley/services/notifying"
	"parley/services/servicetest"
)

// caller is a program with a key, in a world where Noor may be notified.
type caller struct {
	*servicetest.World
	s   *notifying.Service
	key *accounts.APIKey
}

func newCaller(t *testing.T) *caller {
	t.Helper()
	w := servicetest.New(t)
	w.Contact("Noor", "+4915112350109")
	w.Template("visit_near")
	w.Exec("UPDATE senders SET is_default = true")
	id := w.Number("INSERT INTO api_keys (name, hash) VALUES ('Shop', 'x') RETURNING id")
	return &caller{World: w, s: notifying.New(w.Store, w.Log), key: &accounts.APIKey{ID: id, Name: "Shop"}}
}

// call makes a call, and returns the answer's status and its code, if it is a refusal.
func (c *caller) call(t *testing.T, idempotency string, in notifying.Call) (int, string) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.s.TakeCall(t.Context(), notifying.CallRequest{
		Key:            c.key,
		IdempotencyKey: idempotency,
		Body:           body,
		Call:           in,
	})
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Code string }
	if err := json.Unmarshal(a.Body, &said); err != nil {
		t.Fatal(err)
	}
	return a.Status, said.Code
}

func toNoor() notifying.Call {
	return notifying.Call{
		To:       "+4915112350109",
		Template: "visit_near",
		Language: "en",
		Values:   map[string]string{"Name": "Noor"},
	}
}

// What a call is refused for, with the answer's code.
func TestCallRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*caller, *notifying.Call)
		code   string
	}{
		"a complete call": {func(*caller, *notifying.Call) {}, ""},
		"a value by its number": {func(_ *caller, in *notifying.Call) {
			in.Values = map[string]string{"1": "Noor"}
		}, ""},
		"a number of nobody":  {func(_ *caller, in *notifying.Call) { in.To = "+4915112350110" }, "unknown"},
		"no such template":    {func(_ *caller, in *notifying.Call) { in.Template = "visit_far" }, "unknown_template"},
		"no such sender":      {func(_ *caller, in *notifying.Call) { in.Sender = "+4915112350109" }, "unknown_sender"},
		"without a value":     {func(_ *caller, in *notifying.Call) { in.Values = nil }, "no_value"},
		"valid for too short": {func(_ *caller, in *notifying.Call) { in.ValidFor = new(29) }, "invalid_valid_for"},
		"valid for the least": {func(_ *caller, in *notifying.Call) { in.ValidFor = new(30) }, ""},
		"who opted out": {func(c *caller, _ *notifying.Call) {
			c.Exec("UPDATE contacts SET consent = 'opted_out'")
		}, "opted_out"},
		"a sender that is offline": {func(c *caller, _ *notifying.Call) {
			c.Exec("UPDATE senders SET state = 'offline'")
		}, "sender_offline"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, in := newCaller(t), toNoor()
			c.change(w, &in)
			status, code := w.call(t, "first", in)
			sent := w.Number("SELECT count(*) FROM messages")
			if code != c.code || (status == 201) != (c.code == "") || (sent == 1) != (c.code == "") {
				t.Errorf("%d %q and %d messages, want %q", status, code, sent, c.code)
			}
		})
	}
}

// The same idempotency key sends one message, however often; with another body it is refused. It is the caller's own.
func TestCallRepeated(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	other := toNoor()
	other.Values = map[string]string{"Name": "Nora"}
	for _, step := range []struct {
		key    string
		in     notifying.Call
		status int
		sent   int64
	}{
		{key: "first", in: toNoor(), status: 201, sent: 1},
		{key: "first", in: toNoor(), status: 201, sent: 1},
		{key: "first", in: other, status: 409, sent: 1},
		{key: "second", in: other, status: 201, sent: 2},
	} {
		status, _ := c.call(t, step.key, step.in)
		if sent := c.Number("SELECT count(*) FROM messages"); status != step.status || sent != step.sent {
			t.Errorf("%s: %d and %d messages, want %d and %d", step.key, status, sent, step.status, step.sent)
		}
	}
	c.key = &accounts.APIKey{
		ID:   c.Number("INSERT INTO api_keys (name, hash) VALUES ('Till', 'y') RETURNING id"),
		Name: "Till",
	}
	if status, _ := c.call(t, "first", other); status != 201 {
		t.Errorf("another program's key: %d", status)
	}
}

// A refusal that passes is not stored: the same key may be used again. The cap counts what the API sent.
func TestCallCapped(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	c.Exec(`INSERT INTO settings (key, value) VALUES ('notify', '{"per_day": 1}')`)
	if rules, err := notifications.Read(c.Store).NotifyRules(t.Context()); err != nil || rules.PerDay != 1 {
		t.Fatal(rules, err)
	}
	if status, code := c.call(t, "first", toNoor()); status != 201 {
		t.Fatal(status, code)
	}
	if _, code := c.call(t, "second", toNoor()); code != "cap_today" {
		t.Errorf("at the cap: %q", code)
	}
	c.Exec("UPDATE messages SET created_at = created_at - interval '25 hours'")
	if status, code := c.call(t, "second", toNoor()); status != 201 {
		t.Errorf("a day later: %d %q", status, code)
	}
}
