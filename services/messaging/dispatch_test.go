package messaging

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"parley/models/conversations/outbox"
	"parley/services/twilio"
	"parley/whatsapp"
)

// What becomes of a message, its person's consent and the pace, for each answer to its call.
func TestAnswersToCalls(t *testing.T) {
	t.Parallel()
	const checks = "SELECT count(*) FROM river_job WHERE kind = 'check_template'"
	for name, x := range map[string]struct {
		status, code int
		template     bool
		message      string
		optedOut     bool
		slower       bool
		checked      int // jobs that look after the template
	}{
		"taken":                             {message: "accepted"},
		"too many requests":                 {status: 429, code: 20429, message: "queued", slower: true},
		"too many requests, without a code": {status: 429, message: "queued", slower: true},
		"the limit, answered as a 400":      {status: 400, code: 63018, message: "queued", slower: true},
		"the account's rate":                {status: 400, code: 63017, message: "queued", slower: true},
		"the sender's rate":                 {status: 400, code: 63119, message: "queued", slower: true},
		"an error that may follow a taking": {status: 500, message: "in_doubt"},
		"a gateway's time-out":              {status: 504, message: "in_doubt"},
		"a proxy's time-out":                {status: 408, message: "in_doubt"},
		"refused":                           {status: 400, code: 21211, message: "failed 21211"},
		"opted out at Twilio":               {status: 400, code: 21610, message: "failed 21610", optedOut: true},
		"blocked by the person":             {status: 400, code: 63014, message: "failed 63014", optedOut: true},
		"rejected template":                 {status: 400, code: 63040, template: true, message: "failed 63040", checked: 1},
		"paused template":                   {status: 400, code: 63041, template: true, message: "failed 63041", checked: 1},
		"disabled template":                 {status: 400, code: 63042, template: true, message: "failed 63042", checked: 1},
		"another trouble with a template":   {status: 400, code: 63043, template: true, message: "failed 63043"},
		"a template's code for a reply":     {status: 400, code: 63040, message: "failed 63040"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			d, l := c.dispatcher(), pacing()
			c.calls.status, c.calls.code = x.status, x.code
			id := c.queued("")
			if x.template {
				c.exec(`UPDATE messages SET kind = 'template', version_id = (SELECT id FROM template_versions
					WHERE public_id = $1), variables = '{"1": "Noor"}'`, c.version)
			}
			list := c.claim()
			if len(list) != 1 || list[0].Refusal != "" {
				t.Fatalf("claimed: %+v", list)
			}
			l.begin(list)
			c.call(d, l, list[0])
			if got := c.message(id); got != x.message {
				t.Errorf("the message is %q", got)
			}
			if n := c.count("SELECT count(*) FROM contacts WHERE consent = 'opted_out'"); n == 1 != x.optedOut {
				t.Errorf("opted out: %d", n)
			}
			if slower := l.factor == 0.5 && l.pausedFor() > 0; slower != x.slower {
				t.Errorf("factor %v, paused for %v", l.factor, l.pausedFor())
			}
			if n := c.count(checks); n != x.checked {
				t.Errorf("%d checks of the template", n)
			}
			if later := c.count("SELECT count(*) FROM messages WHERE send_at > $1", c.in(0)); later == 1 != x.slower {
				t.Errorf("%d wait for later", later)
			}
			if l.flights() != 0 || c.count("SELECT count(*) FROM messages WHERE attempts = 1") != 1 {
				t.Error("the call has not ended, or was not counted")
			}
		})
	}
}

// A Twilio that can't be reached has taken nothing: the message is sent later.
func TestTwilioIsNotReached(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	d, l := c.dispatcherAt("http://127.0.0.1:1"), pacing()
	id := c.queued("")
	c.call(d, l, c.claim()[0])
	if got := c.message(id); got != "queued" {
		t.Errorf("the message is %q", got)
	}
}

// A message is tried for four hours while Twilio asks to wait; one with a validity until that ends.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	const forever = "too_many_retries"
	for name, x := range map[string]struct {
		age   time.Duration
		valid *time.Duration // from now
		want  string
	}{
		"just written":                 {0, nil, "queued"},
		"exactly four hours old":       {4 * time.Hour, nil, "queued"},
		"older":                        {4*time.Hour + time.Microsecond, nil, "failed " + forever},
		"older, still valid":           {30 * time.Hour, new(time.Microsecond), "queued"},
		"older, its validity ends now": {30 * time.Hour, new(time.Duration(0)), "failed " + forever},
		"young, its validity is over":  {time.Hour, new(-time.Second), "queued"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			d, l := c.dispatcher(), pacing()
			c.calls.status = http.StatusTooManyRequests
			id := c.queued("created_at = $1", c.in(-x.age))
			o := c.claim()[0]
			if x.valid != nil {
				o.ValidUntil = new(c.in(*x.valid))
			}
			c.call(d, l, o)
			if got := c.message(id); got != x.want {
				t.Errorf("the message is %q", got)
			}
		})
	}
}

// A refused answer doesn't change a message that its own callback has settled meanwhile.
func TestAnswersAfterTheCallback(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 429, 500} {
		c := newChat(t)
		d, l := c.dispatcher(), pacing()
		c.calls.status, c.calls.code = status, 21211
		id := c.queued("")
		o := c.claim()[0]
		c.exec("UPDATE messages SET twilio_sid = $1, status = 'sent' WHERE id = $2", takenSid, id)
		c.call(d, l, o)
		if got := c.message(id); got != "sent" {
			t.Errorf("after %d the message is %q", status, got)
		}
	}
}

// The pause before another attempt grows from a second to five minutes, half of it by chance.
func TestBackOff(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second,
		9: 256 * time.Second, 10: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		least, most := time.Duration(math.MaxInt64), time.Duration(0)
		for range 2000 {
			d := backOff(attempts)
			least, most = min(least, d), max(most, d)
		}
		if least < want/2 || least > want*6/10 || most >= want*3/2 || most < want*14/10 {
			t.Errorf("after %d attempts: %v to %v", attempts, least, most)
		}
	}
}

// Each kind of message as Twilio is asked to send it.
func TestRequest(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	d := c.dispatcher()
	version, sid, lat, lng := int64(7), "HX1", 52.5, 13.4
	hour, past := c.in(time.Hour), c.in(-time.Hour)
	place := func(o *outbox.Outgoing) {
		o.Kind, o.Latitude, o.Longitude, o.Label = whatsapp.KindLocation, &lat, &lng, "Gate"
	}
	for name, x := range map[string]struct {
		change func(*outbox.Outgoing)
		want   twilio.Message
	}{
		"a text": {func(*outbox.Outgoing) {}, twilio.Message{Body: "Hi"}},
		"valid":  {func(o *outbox.Outgoing) { o.ValidUntil = &hour }, twilio.Message{Body: "Hi", Validity: time.Hour}},
		"hardly valid": {
			func(o *outbox.Outgoing) { o.ValidUntil = &past },
			twilio.Message{Body: "Hi", Validity: time.Second},
		},
		"a question": {
			func(o *outbox.Outgoing) { o.ContentSid = &sid },
			twilio.Message{ContentSid: "HX1", ContentVariables: "{}"},
		},
		"a template": {
			func(o *outbox.Outgoing) {
				o.VersionID, o.ContentSid, o.Variables = &version, &sid, map[string]string{"1": "Noor"}
			},
			twilio.Message{ContentSid: "HX1", ContentVariables: `{"1":"Noor"}`},
		},
		"a place": {place, twilio.Message{Body: "Hi", PersistentAction: "geo:52.500000,13.400000|Gate"}},
		"half a place": {
			func(o *outbox.Outgoing) { place(o); o.Longitude = nil },
			twilio.Message{Body: "Hi"},
		},
	} {
		o := outbox.Outgoing{PublicID: "m&1", From: "+15550100200", Body: "Hi"}
		o.AddressKind, o.Address = "phone", "+4915112350109"
		x.change(&o)
		x.want.From, x.want.To = "whatsapp:+15550100200", "whatsapp:+4915112350109"
		x.want.StatusCallback = "https://desk.example.com/webhooks/twilio/status?m=m%261"
		if got := d.request(o); got != x.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	o := outbox.Outgoing{Body: "See", MediaKey: "file1/key"}
	const part = "https://desk.example.com/media/out/file1/"
	if got := d.request(o); got.Body != "See" || len(got.MediaURL) < len(part)+10 || got.MediaURL[:len(part)] != part {
		t.Errorf("a file: %+v", got)
	}
}

// The dispatcher's own times, where none are set.
func TestDispatchDefaults(t *testing.T) {
	t.Parallel()
	got := NewDispatcher(nil, nil, nil, DispatchOptions{}).opt
	want := DispatchOptions{
		Concurrency: 32,
		Poll:        time.Second,
		LookupAfter: 5 * time.Second,
		LookupUntil: time.Minute,
		GiveUp:      4 * time.Hour,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
	got = NewDispatcher(nil, nil, nil, DispatchOptions{GiveUp: time.Hour, Concurrency: 2}).opt
	if got.GiveUp != time.Hour || got.Concurrency != 2 {
		t.Errorf("set: %+v", got)
	}
}
