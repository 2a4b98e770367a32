package health

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/senders"
	"parley/services/servicetest"
	"parley/whatsapp"
)

// What the banner says of sending and receiving, each on both sides of its limit.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := New(w.Store, w.Twilio, Options{PublicURL: "https://desk.example", Log: w.Log})
	ago := func(d time.Duration) *time.Time { x := w.Store.Now().Add(-d); return &x }
	works := models.Check{OK: true}
	offline := []senders.Sender{{IsDefault: true, State: whatsapp.SenderOffline, Name: "Clinic"}}
	other := []senders.Sender{{State: whatsapp.SenderOffline, Name: "Clinic"}}
	for name, c := range map[string]struct {
		check models.Check
		v     models.Vitals
		list  []senders.Sender
		bad   bool
	}{
		"all works":                  {works, models.Vitals{}, nil, false},
		"Twilio refuses":             {models.Check{Said: "Wrong."}, models.Vitals{}, nil, true},
		"the default one is offline": {works, models.Vitals{}, offline, true},
		"another one is offline":     {works, models.Vitals{}, other, false},
		"a reply waits a little":     {works, models.Vitals{OldestDue: ago(LateAfter - 10*time.Second)}, nil, false},
		"a reply waits too long":     {works, models.Vitals{OldestDue: ago(LateAfter + 10*time.Second)}, nil, true},
	} {
		if said := s.sending(c.check, c.v, c.list); (said != "") != c.bad {
			t.Errorf("sending, %s: %q", name, said)
		}
	}
	for name, c := range map[string]struct {
		v   models.Vitals
		bad bool
	}{
		"all works":              {models.Vitals{GoodHour: 90, BadHour: 9}, false},
		"wrong signatures":       {models.Vitals{BadHour: 10}, true},
		"not stored":             {models.Vitals{NotStored: 1}, true},
		"silent for a little":    {models.Vitals{SilentSince: ago(SilentAfter - 10*time.Second)}, false},
		"silent for too long":    {models.Vitals{SilentSince: ago(SilentAfter + 10*time.Second)}, true},
		"but statuses come":      {models.Vitals{SilentSince: ago(time.Hour), LastStatusAt: ago(time.Minute)}, false},
		"the last one is before": {models.Vitals{SilentSince: ago(time.Hour), LastStatusAt: ago(2 * time.Hour)}, true},
	} {
		if said := s.receiving(c.v); (said != "") != c.bad {
			t.Errorf("receiving, %s: %q", name, said)
		}
	}
}

// A check stores what it found.
func TestChecksAreStored(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := New(w.Store, w.Twilio, Options{PublicURL: "https://desk.example", Log: w.Log})
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Exec("UPDATE senders SET is_default = true, state = 'offline'")
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	checks, err := models.Read(w.Store).Checks(t.Context())
	if err != nil || checks[models.CheckSending].OK || !checks[models.CheckReceiving].OK ||
		!checks[models.CheckTwilio].OK {
		t.Errorf("%+v, %v", checks, err)
	}
}
