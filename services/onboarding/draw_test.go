package onboarding_test

import (
	"strings"
	"testing"

	onboardingservice "parley/services/onboarding"
	"parley/services/servicetest"
)

// The description of the opt-in names the open pages and the sources on record, and says nothing without either.
func TestDraw(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := onboardingservice.New(w.Store, nil, onboardingservice.Options{PublicURL: "https://desk.example"})
	if text, links, err := s.Draw(t.Context(), "Clinic"); text != "" || links != nil || err != nil {
		t.Errorf("nothing is on record: %q %q, %v", text, links, err)
	}
	w.Exec(`INSERT INTO optin_sources (slug, name, business, headline, wording, color, keyword, confirm, sender_id,
			closed_at)
		SELECT x.slug, x.slug, 'Clinic', 'News', 'News of {business} on WhatsApp', 'green', x.slug, x.slug = 'shop', s.id,
			CASE x.slug WHEN 'old' THEN now() END
		FROM senders s, (VALUES ('shop'), ('desk'), ('old')) AS x (slug)`)
	text, links, err := s.Draw(t.Context(), "")
	if err != nil || len(links) != 2 || strings.Contains(strings.Join(links, " "), "/join/old") {
		t.Errorf("%q, %v", links, err)
	}
	for part, want := range map[string]int{
		"messages from us": 1, "“shop”": 1, "“desk”": 0, "they tick a box": 1, "News of Clinic on WhatsApp": 2,
	} {
		if n := strings.Count(text, part); n != want {
			t.Errorf("%q is there %d times, want %d:\n%s", part, n, want, text)
		}
	}
}
