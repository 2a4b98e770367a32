package onboarding_test

import (
	"strings"
	"testing"
	"time"

	"parley/models/onboarding"
	onboardingservice "parley/services/onboarding"
	"parley/services/servicetest"
)

// Steps: what a request with blockers can't reach, an old version, and the limits of what is said.
func TestSteps(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := onboardingservice.New(w.Store, nil, onboardingservice.Options{})
	r, err := s.Save(t.Context(), w.Actor("Ada"), onboardingservice.Form{
		Typed: onboarding.AccessRequest{LegalName: "Clinic Nord GmbH"},
	})
	if err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) *time.Time { x := w.Store.Now().Add(d); return &x }
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		step    onboardingservice.Step
		refused string
	}{
		{"ready with blockers", onboardingservice.Step{To: onboarding.AccessReady}, "request.incomplete"},
		{"submitted with blockers", onboardingservice.Step{To: onboarding.AccessSubmitted}, "request.incomplete"},
		{"a jump", onboardingservice.Step{To: onboarding.AccessLive}, "request."},
		{"a note too long", onboardingservice.Step{Note: strings.Repeat("ä", 2001)}, "request.note_too_long"},
		{"a next action too long", onboardingservice.Step{NextAction: strings.Repeat("ä", 301)}, "form.too_long_300"},
		{"a case too long", onboardingservice.Step{CaseNumber: strings.Repeat("1", 61)}, "request.case_number_too_long"},
		{"more than a day ahead", onboardingservice.Step{HappenedAt: at(25 * time.Hour)}, "request.happened_day"},
		{"more than five years ago", onboardingservice.Step{HappenedAt: at(-5 * 367 * day)}, "request.happened_day"},
		{"a reminder in the past", onboardingservice.Step{RemindAt: at(-time.Minute)}, "request.reminder_day"},
		{"a reminder after two years", onboardingservice.Step{RemindAt: at(2 * 367 * day)}, "request.reminder_day"},
		{"at every limit", onboardingservice.Step{
			Note:       strings.Repeat("ä", 2000),
			NextAction: strings.Repeat("ä", 300),
			CaseNumber: strings.Repeat("1", 60),
			HappenedAt: at(23 * time.Hour),
			RemindAt:   at(729 * day),
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := onboarding.Read(w.Store).AccessRequestByPublicID(t.Context(), r.PublicID)
			if err != nil {
				t.Fatal(err)
			}
			if c.step.Version = now.Version; c.step.To == "" {
				c.step.To = now.State
			}
			steps := w.Number("SELECT count(*) FROM access_events")
			err = s.Move(t.Context(), w.Actor("Ada"), r.PublicID, c.step)
			if c.refused == "" && err != nil ||
				c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("%v, want %q", err, c.refused)
			}
			if wrote := w.Number("SELECT count(*) FROM access_events") > steps; wrote != (c.refused == "") {
				t.Errorf("a step was written: %v", wrote)
			}
		})
	}
	err = s.Move(t.Context(), w.Actor("Ada"), r.PublicID, onboardingservice.Step{To: r.State, Note: "late"})
	if err == nil || !strings.Contains(err.Error(), "stale") {
		t.Errorf("an old version: %v", err)
	}
	if _, err := s.Restart(t.Context(), w.Actor("Ada"), r.PublicID); err == nil {
		t.Error("a request that was not rejected is restarted")
	}
	w.Exec("UPDATE access_requests SET state = 'submitted'")
	_, err = s.Save(t.Context(), w.Actor("Ada"), onboardingservice.Form{ID: r.PublicID})
	if err == nil || !strings.Contains(err.Error(), "request.with_whatsapp") {
		t.Errorf("a submitted request is edited: %v", err)
	}
	w.Exec("UPDATE access_requests SET state = 'rejected'")
	again, err := s.Restart(t.Context(), w.Actor("Ada"), r.PublicID)
	if err != nil || again.State != onboarding.AccessDraft || again.LegalName != "Clinic Nord GmbH" {
		t.Errorf("%+v, %v", again, err)
	}
}
