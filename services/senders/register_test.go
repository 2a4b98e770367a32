package senders

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/senders"
	"parley/services/servicetest"
	"parley/services/twilio"
)

// A number is registered only while that is asked for, and once: what Twilio lists already is adopted.
func TestRegisteredOnce(t *testing.T) {
	t.Parallel()
	s, w := newService(t)
	const phone = "+14155552671"
	id := w.Number(`INSERT INTO senders (name, phone, kind, state, profile)
		VALUES ('Shop', $1, 'business', 'offline', '{"name": "Shop"}') RETURNING id`, phone)
	for _, c := range []struct {
		status string
		listed int
	}{{"", 1}, {senders.TwilioAsked, 2}, {senders.TwilioAsked, 2}} {
		w.Exec("UPDATE senders SET twilio_status = $2 WHERE id = $1", id, c.status)
		if err := s.RegisterNow(t.Context(), RegisterArgs{SenderID: id}); err != nil {
			t.Fatal(err)
		}
		list, err := w.Twilio.Senders(t.Context())
		if err != nil || len(list) != c.listed {
			t.Errorf("%q: %d senders at Twilio, %v", c.status, len(list), err)
		}
		got := w.Text("SELECT coalesce(twilio_sid, '') FROM senders WHERE id = $1", id)
		if (got != "") != (c.status != "") {
			t.Errorf("%q: its sid is %q", c.status, got)
		}
	}
}

// When a sender is polled again, by its status at Twilio.
func TestPolledAgain(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]time.Duration{
		"CREATING":        2 * time.Second,
		"VERIFYING":       2 * time.Second,
		"ONLINE:UPDATING": 2 * time.Second,
		"TWILIO_REVIEW":   time.Minute,
		"DRAFT":           time.Minute,
		"ONLINE":          0,
		"OFFLINE":         0,
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := servicetest.New(t)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"sid": "XE1", "status": %q, "sender_id": "whatsapp:+15550100200"}`, status)
			}))
			defer srv.Close()
			client, err := twilio.New(twilio.Credentials{AccountSID: "AC1", Username: "AC1", Password: "x"},
				twilio.Options{BaseURL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			w.Exec("UPDATE senders SET twilio_sid = 'XE1'")
			s := New(w.Store, client, "https://desk.example", w.Log)
			got, err := s.PollSender(t.Context(), PollSenderArgs{SenderID: w.Number("SELECT id FROM senders")})
			if err != nil || got != want || w.Text("SELECT twilio_status FROM senders") != status {
				t.Errorf("again in %v, want %v (%v)", got, want, err)
			}
		})
	}
}

// What Twilio refuses in a profile, each text at its limit and beyond it.
func TestProfileLimits(t *testing.T) {
	t.Parallel()
	web := func(n int) string { return "https://a.example/" + strings.Repeat("x", n-18) }
	for field, c := range map[string]struct {
		most int
		put  func(*senders.Profile, int)
	}{
		"about":       {139, func(p *senders.Profile, n int) { p.About = strings.Repeat("ä", n) }},
		"address":     {256, func(p *senders.Profile, n int) { p.Address = strings.Repeat("ä", n) }},
		"description": {512, func(p *senders.Profile, n int) { p.Description = strings.Repeat("ä", n) }},
		"email":       {128, func(p *senders.Profile, n int) { p.Email = strings.Repeat("a", n-10) + "@b.example" }},
		"website":     {256, func(p *senders.Profile, n int) { p.Website = web(n) }},
		"logo_url":    {500, func(p *senders.Profile, n int) { p.LogoURL = web(n) }},
	} {
		for _, n := range []int{c.most, c.most + 1} {
			p := senders.Profile{Name: "Clinic Nord"}
			c.put(&p, n)
			got := strings.Join(models.FieldsOf(checkProfile(p, "Clinic Nord")), " ")
			if want := map[bool]string{true: field}[n > c.most]; got != want {
				t.Errorf("%s of %d characters: %q is refused", field, n, got)
			}
		}
	}
	for field, p := range map[string]senders.Profile{
		"profile_name": {},
		"website":      {Name: "Clinic Nord", Website: "ftp://a.example"},
		"logo_url":     {Name: "Clinic Nord", LogoURL: "https://a"},
		"email":        {Name: "Clinic Nord", Email: "a@b"},
		"vertical":     {Name: "Clinic Nord", Vertical: "Magic"},
	} {
		if got := models.FieldsOf(checkProfile(p, "Clinic Nord")); len(got) == 0 || got[0] != field {
			t.Errorf("%+v: %q is refused, want %s", p, got, field)
		}
	}
}

// Notifications pause when the quality falls to low, and not before.
func TestLowQualityPauses(t *testing.T) {
	t.Parallel()
	for quality, want := range map[string]string{"MEDIUM": "running", "LOW": "paused"} {
		s, w := newService(t)
		w.Exec(`INSERT INTO notifications (version_id, sender_id, use_case, token, state)
			SELECT v.id, s.id, 'notification', 'x', 'running' FROM template_versions v, senders s WHERE v.public_id = $1`,
			w.Template("visit"))
		w.Exec("UPDATE senders SET quality = 'HIGH'")
		now := twilio.Sender{Sid: "XE1", Status: "ONLINE", Quality: quality}
		if err := s.keep(t.Context(), w.Number("SELECT id FROM senders"), now); err != nil {
			t.Fatal(err)
		}
		if got := w.Text("SELECT state FROM notifications"); got != want {
			t.Errorf("at %s they are %s", quality, got)
		}
	}
}
