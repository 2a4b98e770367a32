package senders

import (
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/senders"
	"parley/services/servicetest"
	"parley/services/twilio"
	"parley/whatsapp"
)

func newService(t *testing.T) (*Service, *servicetest.World) {
	t.Helper()
	w := servicetest.New(t)
	return New(w.Store, w.Twilio, "https://desk.example", w.Log), w
}

// alerts are the titles and tones of the alerts, which each user has.
func alerts(w *servicetest.World) string {
	return w.Text("SELECT coalesce(string_agg(DISTINCT title || ' ' || tone, '; '), '') FROM alerts")
}

// What Twilio says of a sender: its state follows, and people are told of what changed, once.
func TestKeep(t *testing.T) {
	t.Parallel()
	const mid, high = "1K Customers/24hr", "10K Customers/24hr"
	for name, c := range map[string]struct {
		before, now twilio.Sender
		state       whatsapp.SenderState // before
		want        whatsapp.SenderState
		told        string
	}{
		"it comes online": {twilio.Sender{Status: "VERIFYING"}, twilio.Sender{Status: "ONLINE"}, "offline", "online",
			"Clinic is online good"},
		"it is still online": {twilio.Sender{Status: "ONLINE"}, twilio.Sender{Status: "ONLINE:UPDATING"}, "offline",
			"offline", ""},
		"the first look changes nothing": {twilio.Sender{}, twilio.Sender{Status: "ONLINE"}, "offline", "offline", ""},
		"it goes offline": {twilio.Sender{Status: "ONLINE"}, twilio.Sender{Status: "OFFLINE"}, "online", "offline",
			"Clinic is offline at Twilio bad"},
		"it was offline": {twilio.Sender{Status: "CREATING"}, twilio.Sender{Status: "OFFLINE"}, "online", "online", ""},
		"a code is needed": {twilio.Sender{Status: "CREATING"}, twilio.Sender{Status: "PENDING_VERIFICATION"}, "offline",
			"offline", "A code is needed for Clinic warn"},
		"a code is still needed": {twilio.Sender{Status: "PENDING_VERIFICATION"},
			twilio.Sender{Status: "PENDING_VERIFICATION"}, "offline", "offline", ""},
		"the quality falls to medium": {twilio.Sender{Quality: "HIGH"}, twilio.Sender{Quality: "MEDIUM"}, "online",
			"online", "The quality of Clinic fell warn"},
		"the quality falls to low": {twilio.Sender{Quality: "yellow"}, twilio.Sender{Quality: "red"}, "online", "online",
			"The quality of Clinic fell bad"},
		"the quality rises":      {twilio.Sender{Quality: "LOW"}, twilio.Sender{Quality: "HIGH"}, "online", "online", ""},
		"the quality is unknown": {twilio.Sender{Quality: "HIGH"}, twilio.Sender{Quality: ""}, "online", "online", ""},
		"the limit rises": {twilio.Sender{MessagingLimit: mid}, twilio.Sender{MessagingLimit: high}, "online", "online",
			"The limit of Clinic changed good"},
		"the limit falls": {twilio.Sender{MessagingLimit: high}, twilio.Sender{MessagingLimit: mid}, "online", "online",
			"The limit of Clinic changed warn"},
		"the limit is new": {twilio.Sender{}, twilio.Sender{MessagingLimit: mid}, "online", "online", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := newService(t)
			w.Exec(
				`UPDATE senders SET twilio_status = $1, quality = $2, messaging_limit = $3, tier = $4, state = $5`,
				c.before.Status,
				c.before.Quality,
				c.before.MessagingLimit,
				whatsapp.Tier(c.before.MessagingLimit),
				c.state,
			)
			c.now.Sid = "XE1"
			if err := s.keep(t.Context(), w.Number("SELECT id FROM senders"), c.now); err != nil {
				t.Fatal(err)
			}
			if state := w.Text("SELECT state FROM senders"); state != string(c.want) {
				t.Errorf("it is %s, want %s", state, c.want)
			}
			if told := alerts(w); told != c.told {
				t.Errorf("told %q, want %q", told, c.told)
			}
		})
	}
}

// While a registration is asked for, a poll changes nothing.
func TestPollWaitsForARegistration(t *testing.T) {
	t.Parallel()
	s, w := newService(t)
	w.Exec("UPDATE senders SET twilio_status = $1", senders.TwilioAsked)
	if err := s.keep(
		t.Context(),
		w.Number("SELECT id FROM senders"),
		twilio.Sender{Sid: "XE1", Status: "ONLINE"},
	); err != nil {
		t.Fatal(err)
	}
	if got := w.Text("SELECT twilio_status FROM senders"); got != senders.TwilioAsked {
		t.Errorf("it is %s", got)
	}
}

// A sender that has reached four fifths of its limit is told of once a day.
func TestNearTheLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tier int
		told time.Duration // ago, 0 for never
		want bool
	}{
		"four fifths":      {5, 0, true},
		"less":             {6, 0, false},
		"no limit":         {0, 0, false},
		"told today":       {5, 23 * time.Hour, false},
		"told a day ago":   {5, 25 * time.Hour, true},
		"beyond the limit": {3, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := newService(t)
			w.Exec("UPDATE senders SET tier = $1", c.tier)
			if c.told > 0 {
				w.Exec("UPDATE senders SET tier_told_at = $1", w.Store.Now().Add(-c.told))
			}
			version := w.Template("visit")
			for _, phone := range []string{"+4915112350101", "+4915112350102", "+4915112350103", "+4915112350104"} {
				w.Contact(phone, phone)
			}
			w.Exec("UPDATE conversations SET window_closes_at = NULL, last_inbound_at = NULL")
			w.Exec(
				`INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, version_id, send_at,
					sending_at, sent_at, created_at, twilio_sid, address_id)
				SELECT c.id, sender_id, 'outbound', 'template', 'x', 'sent', v.id, $2, $2, $2, $2, 'SM' || c.id, address_id
				FROM conversations c, template_versions v WHERE v.public_id = $1`,
				version,
				w.Store.Now(),
			)
			if err := s.tiers(t.Context()); err != nil {
				t.Fatal(err)
			}
			if told := alerts(w) == "Clinic is near its limit warn"; told != c.want {
				t.Errorf("told: %v (%q)", told, alerts(w))
			}
		})
	}
}

// What the move to a sender checks, and that a blocker stops it.
func TestMove(t *testing.T) {
	t.Parallel()
	const good = "'XE1', callback_url = 'https://desk.example/webhooks/twilio/messages'"
	for name, c := range map[string]struct {
		set     string
		blocked string
	}{
		"ready":               {"twilio_status = 'ONLINE', twilio_sid = " + good, ""},
		"updating":            {"twilio_status = 'ONLINE:UPDATING', twilio_sid = " + good, ""},
		"Twilio has not said": {"twilio_status = ''", ""},
		"off":                 {"state = 'offline'", "is offline"},
		"offline at Twilio":   {"twilio_status = 'OFFLINE', twilio_sid = " + good, "is offline"},
		"its webhooks go elsewhere": {"twilio_sid = 'XE1', callback_url = 'https://old.example'",
			"https://old.example, not here"},
		"its webhooks go nowhere":       {"twilio_sid = 'XE1', callback_url = ''", "no address, not here"},
		"the Sandbox needs no webhooks": {"kind = 'sandbox', twilio_sid = 'XE1', messages_per_second = 0.3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := newService(t)
			w.Exec("UPDATE senders SET state = 'online', is_default = false")
			w.Exec("UPDATE senders SET " + c.set)
			err := s.Switch(t.Context(), w.Actor("Ada"), w.Text("SELECT public_id FROM senders"))
			if blocked := models.KindOf(err) == models.KindConflict; blocked != (c.blocked != "") ||
				blocked && !strings.Contains(err.(*models.Error).Message(), c.blocked) { //nolint:errorlint // a refusal
				t.Errorf("%v, want %q", err, c.blocked)
			}
			if moved := w.Number("SELECT count(*) FROM senders WHERE is_default") == 1; moved == (c.blocked != "") {
				t.Errorf("moved: %v", moved)
			}
		})
	}
}

// What a registration refuses, and that a number is registered once.
func TestRegister(t *testing.T) {
	t.Parallel()
	s, w := newService(t)
	for _, c := range []struct {
		name string
		in   Registration
		want string
	}{
		{"the Sandbox's number", Registration{Phone: senders.SandboxPhone, CodeMethod: "sms"}, "sender.sandbox_number"},
		{"no way for the code", Registration{Phone: "+14155552671"}, "sender.code_method_missing"},
		{"a short account", Registration{Phone: "+14155552671", CodeMethod: "sms", WabaID: "1234"}, "sender.waba_id_form"},
		{"all is right", Registration{Phone: "+14155552671", CodeMethod: "voice", WabaID: "12345"}, ""},
		{"asked for already", Registration{Phone: "+14155552671", CodeMethod: "sms"}, "sender.registered_already"},
	} {
		c.in.Profile.Name = "Clinic Nord"
		_, err := s.Register(t.Context(), w.Actor("Ada"), c.in)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	id := w.Text("SELECT public_id FROM senders WHERE phone = '+14155552671'")
	if err := s.Verify(t.Context(), w.Actor("Ada"), id, "123456"); !strings.Contains(err.Error(), "not_awaiting_code") {
		t.Errorf("a code that nobody waits for: %v", err)
	}
	w.Exec("UPDATE senders SET twilio_sid = 'XE1', twilio_status = 'PENDING_VERIFICATION' WHERE public_id = $1", id)
	codes := map[string]bool{"123": false, "1234": true, "123-456": true, "12345678901": false, "12a456": false}
	for code, ok := range codes {
		if err := s.Verify(t.Context(), w.Actor("Ada"), id, code); (err == nil) != ok {
			t.Errorf("the code %s: %v", code, err)
		}
	}
	w.Exec("UPDATE senders SET twilio_status = 'OFFLINE' WHERE public_id = $1", id)
	again := Registration{Phone: "+14155552671", CodeMethod: "sms", Profile: senders.Profile{Name: "Clinic Nord"}}
	if _, err := s.Register(t.Context(), w.Actor("Ada"), again); err != nil {
		t.Errorf("one that is offline is not registered again: %v", err)
	}
}
