package approvals

import (
	"testing"

	"parley/services/messaging"
	"parley/services/servicetest"
	"parley/services/twilio"
)

// Whichever statement fails, a template is submitted, or WhatsApp's decision about it stored, as a whole or not at all.
func TestApprovalIsWhole(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, prepare := range map[string]func(w *servicetest.World, s *Service, version string) func() error{
		"a submission": func(w *servicetest.World, s *Service, version string) func() error {
			w.Exec(`UPDATE template_versions SET state = 'draft', content_sid = NULL,
				placeholders = '[{"name": "Name", "sample": "Noor"}]' WHERE public_id = $1`, version)
			otto := w.Actor("Otto")
			saved := w.Number("SELECT version FROM template_versions WHERE public_id = $1", version)
			r := Revision{VersionID: version, Version: int(saved)}
			return func() error { return s.Submit(ctx, otto, r, true) }
		},
		"a pause": func(w *servicetest.World, s *Service, version string) func() error {
			sid := w.Text("SELECT content_sid FROM template_versions WHERE public_id = $1", version)
			list := []twilio.Listing{{
				Content:  twilio.Content{Sid: sid, Language: "en"},
				Approval: twilio.Approval{Status: "paused", Category: "UTILITY"},
			}}
			return func() error { return s.compare(ctx, list) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.WholeOrNothing(t, func(w *servicetest.World) func() error {
				options := Options{PublicURL: "https://desk.example.com", Log: w.Log}
				s := New(w.Store, w.Twilio, messaging.New(w.Store, w.Log), options)
				return prepare(w, s, w.Template("visit_near"))
			})
		})
	}
}
