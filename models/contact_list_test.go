package models_test

import (
	"testing"

	"parley/models/modelstest"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// Few contacts are counted, and the count of an empty list is zero.
func TestCountContacts(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	for _, f := range []segments.ContactFilter{{}, {Query: "x"}, {Consent: whatsapp.OptedIn, Session: "2", Seen: "-90", Language: "de", Country: "DE", Tags: []string{"gone"}, NotTags: []string{"gone"}, Blocked: true, Import: "x"}} {
		if n, exact, err := segments.Read(store).CountContacts(t.Context(), f); n != 0 || !exact || err != nil {
			t.Errorf("%+v: %d %v %v", f, n, exact, err)
		}
	}
	addPeople(t, store, 30_000)
	if n, exact, err := segments.Read(store).CountContacts(t.Context(), segments.ContactFilter{}); n < 25_000 ||
		n > 35_000 ||
		exact ||
		err != nil {
		t.Errorf("%d %v %v", n, exact, err)
	}
	if n, exact, err := segments.Read(store).CountContacts(t.Context(), segments.ContactFilter{Consent: whatsapp.OptedIn}); n != 10_000 ||
		!exact ||
		err != nil {
		t.Errorf("%d %v %v", n, exact, err)
	}
}
