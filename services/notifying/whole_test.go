package notifying_test

import (
	"testing"

	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
	"parley/services/servicetest"
)

// greeting is a notification to everybody who opted in, checked.
func greeting(t *testing.T, w *servicetest.World, s *notifying.Service) notifying.Request {
	t.Helper()
	w.Contact("Noor", "+4915112350109")
	r := notifying.Request{
		Name:        "Visits",
		VersionID:   w.Template("visit_near"),
		SenderID:    w.Text("SELECT public_id FROM senders"),
		Audience:    notifications.Audience{Kind: "filter"},
		Fills:       notifications.Fills{"1": {From: "fixed", Value: "you"}},
		UseCase:     "notification",
		ValidHours:  24,
		StopPercent: 50,
		Role:        models.Operator,
		Token:       "form",
	}
	n, err := s.Save(t.Context(), w.Actor("Otto"), r)
	if err != nil {
		t.Fatal(err)
	}
	for busy := true; busy; {
		if busy, err = s.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.ID, r.Version = n.PublicID, int(w.Number("SELECT version FROM notifications"))
	return r
}

// Whichever statement fails, a notification is started as a whole or not at all.
func TestStartIsWhole(t *testing.T) {
	t.Parallel()
	servicetest.WholeOrNothing(t, func(w *servicetest.World) func() error {
		s := notifying.New(w.Store, w.Log)
		r, otto := greeting(t, w, s), w.Actor("Otto")
		return func() error { return s.Start(t.Context(), otto, r.ID) }
	})
}

// A notification that is saved with a change leaves an event; saved without one, it only gets a new dry run.
func TestChangedNotification(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := notifying.New(w.Store, w.Log)
	r := greeting(t, w, s)
	for _, c := range []struct {
		name   string
		events int64
	}{{r.Name, 0}, {"Visits of March", 1}} {
		r.Name = c.name
		if _, err := s.Save(t.Context(), w.Actor("Otto"), r); err != nil {
			t.Fatal(err)
		}
		if n := w.Number("SELECT count(*) FROM audit_events WHERE action = 'notification.changed'"); n != c.events {
			t.Errorf("%q: %d events", c.name, n)
		}
	}
}
