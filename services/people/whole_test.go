package people_test

import (
	"testing"

	"parley/models/people"
	"parley/services/media"
	peopleservice "parley/services/people"
	"parley/services/servicetest"
	"parley/whatsapp"
)

// Whichever statement fails, a consent is recorded with its proof, two contacts become one, and a person is erased, or
// nothing happens.
func TestPeopleAreWhole(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, prepare := range map[string]func(w *servicetest.World, s *peopleservice.Service, noor string) func() error{
		"an opt-out": func(w *servicetest.World, s *peopleservice.Service, noor string) func() error {
			ana := w.Actor("Ana")
			report := peopleservice.ReportedConsent{Event: people.ConsentEvent{
				Kind:   whatsapp.OptedOut,
				Source: whatsapp.SourcePaper,
				Proof:  "She called.",
			}}
			return func() error { return s.RecordConsent(ctx, ana, noor, report) }
		},
		"a merge": func(w *servicetest.World, s *peopleservice.Service, noor string) func() error {
			otto := w.Actor("Otto")
			w.Contact("Noor B.", "+4915112350110")
			other := w.Text("SELECT public_id FROM contacts WHERE phone = '+4915112350110'")
			return func() error { return s.Merge(ctx, otto, noor, other) }
		},
		"an erasure": func(w *servicetest.World, s *peopleservice.Service, noor string) func() error {
			ada := w.Actor("Ada")
			return func() error { return s.Erase(ctx, ada, noor, "ERASE") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.WholeOrNothing(t, func(w *servicetest.World) func() error {
				files, err := media.Open(media.Location{Dir: t.TempDir()}, w.Store, w.Twilio)
				if err != nil {
					t.Fatal(err)
				}
				w.Contact("Noor", "+4915112350109")
				w.Exec(`INSERT INTO messages
						(conversation_id, sender_id, address_id, direction, status, body, created_at, twilio_sid)
					SELECT id, sender_id, address_id, 'inbound', 'received', 'Hello', now(), 'SM1' FROM conversations`)
				return prepare(w, peopleservice.New(w.Store, files), w.Text("SELECT public_id FROM contacts"))
			})
		})
	}
}
