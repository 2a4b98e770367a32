package people_test

import (
	"errors"
	"slices"
	"testing"

	"parley/models"
	"parley/models/people/segments"
	peopleservice "parley/services/people"
)

// What a change of many contacts needs.
func TestBulkChangeRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tag := d.Text("INSERT INTO tags (name) VALUES ('VIP') RETURNING public_id")
	some := func(n int) []string { return slices.Repeat([]string{"0123456789abcdef"}, n) }
	for name, c := range map[string]struct {
		target  peopleservice.Target
		change  peopleservice.Change
		refused []string
	}{
		"nothing to do": {peopleservice.Target{IDs: some(1)}, peopleservice.Change{Do: "erase"},
			[]string{"do: contact.what_to_do_missing"}},
		"nobody chosen": {peopleservice.Target{}, peopleservice.Change{Do: "tag", TagID: tag},
			[]string{"contact: contact.none_chosen"}},
		"as many as can be chosen": {peopleservice.Target{IDs: some(1000)}, peopleservice.Change{Do: "tag", TagID: tag},
			nil},
		"one more": {peopleservice.Target{IDs: some(1001)}, peopleservice.Change{Do: "tag", TagID: tag},
			[]string{"contact: contact.too_many_chosen"}},
		"an opt-out has no limit": {peopleservice.Target{IDs: some(1001)},
			peopleservice.Change{Do: "opt_out", Proof: "asked"}, nil},
		"a tag that is gone": {peopleservice.Target{IDs: some(1)}, peopleservice.Change{Do: "untag", TagID: "gone"},
			[]string{"tag: tag.missing"}},
		"an opt-out without proof": {peopleservice.Target{IDs: some(1)}, peopleservice.Change{Do: "opt_out"},
			[]string{"proof: contact.opt_out_done_rest_refused"}},
		"a proof that is too long": {peopleservice.Target{IDs: some(1)},
			peopleservice.Change{Do: "opt_out", Proof: long(2001)},
			[]string{"proof: contact.opt_out_done_rest_refused"}},
		"a proof at its limit": {peopleservice.Target{IDs: some(1)},
			peopleservice.Change{Do: "opt_out", Proof: long(2000)}, nil},
	} {
		c.change.Source = "by_hand"
		t.Run(name, func(t *testing.T) {
			_, err := d.people.BulkChange(t.Context(), d.Actor("Otto"), c.target, c.change)
			refused(t, err, c.refused...)
		})
	}
	_, err := d.people.BulkChange(t.Context(), models.System("API"), peopleservice.Target{All: true},
		peopleservice.Change{Do: "tag", TagID: tag})
	refused(t, err, ": contact.sign_in_to_change")
}

// An opt-out without proof takes effect, and who was opted out before gets no second event.
func TestBulkOptOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in, out := d.person("Noor", "+4915112350109", "opted_in"), d.person("Zoë", "+4915112350110", "opted_out")
	other := d.person("Ines", "+4915112350111", "opted_in")
	_, err := d.people.BulkChange(t.Context(), d.Actor("Otto"), peopleservice.Target{IDs: []string{in, out}},
		peopleservice.Change{Do: "opt_out", Source: "by_hand"})
	refused(t, err, "proof: contact.opt_out_done_rest_refused")
	if d.consent(in) != "opted_out" || d.consent(other) != "opted_in" {
		t.Errorf("%s, and the other %s", d.consent(in), d.consent(other))
	}
	if n := d.Number("SELECT count(*) FROM consent_events WHERE proof LIKE 'Opted out in bulk by Otto%'"); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := d.Number("SELECT count(*) FROM audit_events WHERE action = 'consent.opted_out'"); n != 1 {
		t.Errorf("%d entries of the audit", n)
	}
}

// A change of a whole list is done to what the list showed, once, and to nobody else.
func TestWholeList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	noor := d.person("Noor", "+4915112350109", "none")
	tag := d.Text("INSERT INTO tags (name) VALUES ('VIP') RETURNING public_id")
	filter := segments.ContactFilter{Whole: true}
	shown, err := segments.Read(d.Store).Matching(t.Context(), filter)
	if err != nil || shown.N != 1 {
		t.Fatal(shown, err)
	}
	all := peopleservice.Target{All: true, Filter: filter, Shown: shown}
	if err := d.people.CheckShown(t.Context(), all); err != nil {
		t.Errorf("the list is as it was: %v", err)
	}
	d.person("Zoë", "+4915112350110", "none")
	other, ok := errors.AsType[*peopleservice.OthersMatch](d.people.CheckShown(t.Context(), all))
	if !ok || other.Now.N != 2 || other.Shown.N != 1 {
		t.Errorf("%+v", other)
	}
	change := peopleservice.Change{Do: "tag", TagID: tag}
	_, err = d.people.BulkChange(t.Context(), d.Actor("Otto"), all, change)
	if _, ok := errors.AsType[*peopleservice.OthersMatch](err); !ok {
		t.Errorf("a list that shows others now is changed: %v", err)
	}
	if n := d.Number("SELECT count(*) FROM contacts WHERE tags <> '{}'"); n != 0 {
		t.Errorf("%d contacts have the tag", n)
	}
	err = d.people.RunBulkChange(t.Context(), peopleservice.BulkArgs{
		UserID: *d.Actor("Otto").ID,
		Filter: segments.ContactFilter{Query: "Noor"},
		Change: change,
	})
	if err != nil {
		t.Fatal(err)
	}
	if who := d.Text("SELECT string_agg(public_id, ' ') FROM contacts WHERE tags <> '{}'"); who != noor {
		t.Errorf("%q have the tag, want %q", who, noor)
	}
}

// What the question to the user says.
func TestOthersMatch(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]peopleservice.OthersMatch{
		"1,234,567 match this list now. Do it for 1,234,567?": {Now: segments.Shown{N: 1234567, Mark: "b"}},
		"999 matched when you opened the list. 999 match now, but not the same ones. Do it for those?": {
			Shown: segments.Shown{N: 999, Mark: "a"},
			Now:   segments.Shown{N: 999, Mark: "b"},
		},
		"1,000 matched when you opened the list, 12 match now. Do it for 12?": {
			Shown: segments.Shown{N: 1000, Mark: "a"},
			Now:   segments.Shown{N: 12, Mark: "b"},
		},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
