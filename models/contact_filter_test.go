package models_test

import (
	"net/url"
	"strings"
	"testing"

	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// A condition that can't be read matches nobody, and stays in the address.
func TestFilterFromURL(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for query, unknown := range map[string]int{
		"": 0, "q=anna&consent=opted_in&session=open&seen=-90&country=DE&blocked=1&tag=a&nottag=b&field=plan:is:Gold": 0,
		"tag=&consent=&q=": 0, "consent=yes": 1, "session=0": 1, "session=25": 1, "seen=0": 1, "seen=soon": 1,
		"country=DEU": 1, "blocked=0": 1, "blocked=yes": 1, "field=plan": 1, "field=plan:like:x": 1, "field=Plan:is:x": 1,
		"tag=" + long: 1, "q=" + long: 1, "consent=opted_in&consent=opted_out": 1, "consent=opted_in&consent=opted_in": 0,
		"tag=" + strings.Join(strings.Split("abcdefghijklmnopqrstu", ""), "&tag="): 1,
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		f := segments.FilterFromURL(v)
		if len(f.Unknown) != unknown {
			t.Errorf("%.60s: unknown are %v", query, f.Unknown)
		}
		if again := segments.FilterFromURL(f.URL()); !again.Same(f) {
			t.Errorf("%.60s: from its own address it is %+v", query, again)
		}
	}
}

// A condition that names something deleted or makes no sense matches nobody, even if it is negated, and even in a
// stored filter.
func TestConditionsOnWhatIsGone(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := modelstest.PoolOf(store).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(
		"INSERT INTO contacts (name, country, consent, consent_at) SELECT 'Person ' || i, 'NO', 'opted_in', now() FROM generate_series(1, 3) i",
	)
	exec("INSERT INTO topics (public_id, name, archived_at) VALUES ('archived', 'Old', now()), ('open', 'New', NULL)")
	exec(
		"INSERT INTO contact_fields (public_id, key, label, kind, choices) VALUES ('plan', 'plan', 'Plan', 'choice', '[\"Gold\"]')",
	)
	opted := segments.ContactFilter{Consent: whatsapp.OptedIn}
	for what, c := range map[string]struct {
		f segments.ContactFilter
		n int64
	}{
		"everybody":                  {segments.ContactFilter{}, 3},
		"opted in":                   {opted, 3},
		"within a segment":           {segments.ContactFilter{Query: "person 1", Within: &opted}, 1},
		"a topic":                    {segments.ContactFilter{Consent: whatsapp.OptedIn, Topic: "open"}, 3},
		"without a field's value":    {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "plan", Op: "not", Value: "Gold"}}}, 3},
		"a tag":                      {segments.ContactFilter{Tags: []string{"gone"}}, 0},
		"not a tag":                  {segments.ContactFilter{NotTags: []string{"gone"}}, 0},
		"an archived topic":          {segments.ContactFilter{Consent: whatsapp.OptedIn, Topic: "archived"}, 0},
		"an unknown topic":           {segments.ContactFilter{Consent: whatsapp.OptedIn, Topic: "gone"}, 0},
		"an unknown topic alone":     {segments.ContactFilter{Topic: "gone"}, 0},
		"a field":                    {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "gone", Op: "set"}}}, 0},
		"not a field":                {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "gone", Op: "not", Value: "x"}}}, 0},
		"an empty field":             {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "gone", Op: "empty"}}}, 0},
		"not a choice":               {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "plan", Op: "not", Value: "Lead"}}}, 0},
		"a comparison that is none":  {segments.ContactFilter{Fields: []segments.FieldCondition{{Key: "plan", Op: "like", Value: "Gold"}}}, 0},
		"stored: when seen":          {segments.ContactFilter{Seen: "soon"}, 0},
		"stored: session":            {segments.ContactFilter{Session: "ajar"}, 0},
		"stored: consent":            {segments.ContactFilter{Consent: "perhaps"}, 0},
		"an import":                  {segments.ContactFilter{Import: "gone"}, 0},
		"marks alone":                {segments.ContactFilter{Query: "-"}, 0},
		"unknown":                    {opted.Unreadable("segment", "gone"), 0},
		"within a segment of a gone": {segments.ContactFilter{Query: "person", Within: &segments.ContactFilter{NotTags: []string{"gone"}}}, 0},
	} {
		page, err := segments.Read(store).Contacts(t.Context(), withLimit(c.f))
		if err != nil || int64(len(page.Rows)) != c.n {
			t.Errorf("%s: the list has %d (%v), want %d", what, len(page.Rows), err, c.n)
		}
		if n, exact, err := segments.Read(store).CountContacts(t.Context(), c.f); n != c.n || !exact || err != nil {
			t.Errorf("%s: counted %d %v %v, want %d", what, n, exact, err, c.n)
		}
		if shown, err := segments.Read(store).Matching(t.Context(), c.f); shown.N != c.n || err != nil {
			t.Errorf("%s: matching are %d %v, want %d", what, shown.N, err, c.n)
		}
		part, err := segments.Read(store).
			FilterPart(t.Context(), notifications.Audience{Kind: "filter", Filter: c.f}.Matching(), 0, 10)
		if err != nil || int64(len(part)) != c.n {
			t.Errorf("%s: the audience has %d (%v), want %d", what, len(part), err, c.n)
		}
	}
}

func withLimit(f segments.ContactFilter) segments.ContactFilter {
	f.Limit = 10
	return f
}

// A selection's mark differs between different people of the same number.
func TestShown(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	crowd(t, store, 300)
	shown, exact, err := segments.Read(store).ShownContacts(t.Context(), segments.ContactFilter{})
	if err != nil || !exact || shown.N != 300 || segments.ParseShown(shown.String()) != shown {
		t.Fatalf("%+v %v %v", shown, exact, err)
	}
	if all, err := segments.Read(store).Matching(t.Context(), segments.ContactFilter{}); err != nil || all != shown {
		t.Errorf("counted without a limit: %+v %v, want %+v", all, err, shown)
	}
	if _, err := modelstest.PoolOf(store).Exec(t.Context(), "UPDATE contacts SET gone = 'erased' WHERE id = (SELECT min(id) FROM contacts)"); err != nil {
		t.Fatal(err)
	}
	if _, err := modelstest.PoolOf(store).Exec(t.Context(), "INSERT INTO contacts (name) VALUES ('Another')"); err != nil {
		t.Fatal(err)
	}
	other, err := segments.Read(store).Matching(t.Context(), segments.ContactFilter{})
	if err != nil || other.N != 300 || other == shown {
		t.Errorf("%+v %v after one was exchanged", other, err)
	}
	for _, text := range []string{"", "300", "x.1", "-1.5"} {
		if got := segments.ParseShown(text); got.Mark != "" {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
