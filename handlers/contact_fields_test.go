package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"parley/models/people"
)

// A change of a field that is refused changes nothing: neither its label nor its choices.
func TestFieldIsChangedAsAWhole(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	ada.post("/settings/fields", url.Values{"label": {"Plan"}, "kind": {"choice"}, "choices": {"Gold\nSilver"}})
	field := func() people.ContactField {
		fields, err := people.Read(a.Store).ContactFields(t.Context())
		if err != nil || len(fields) != 1 {
			t.Fatalf("%d fields: %v", len(fields), err)
		}
		return fields[0]
	}
	to := "/settings/fields/" + field().PublicID
	r := ada.post(to, url.Values{"label": {"Tariff"}, "choices": {"Gold"}})
	if f := field(); r.Status != http.StatusUnprocessableEntity || f.Label != "Plan" || len(f.Choices) != 2 {
		t.Errorf("after a refused change: %d %+v", r.Status, f)
	}
	r = ada.post(to, url.Values{"label": {"Tariff"}, "choices": {"Gold\nSilver\nBronze"}})
	if f := field(); r.Status != http.StatusSeeOther || f.Label != "Tariff" || len(f.Choices) != 3 {
		t.Errorf("after the change: %d %+v", r.Status, f)
	}
}
