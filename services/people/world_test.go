package people_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/models"
	"parley/services/media"
	peopleservice "parley/services/people"
	"parley/services/servicetest"
)

// desk is the service with a world to work on.
type desk struct {
	*servicetest.World
	people *peopleservice.Service
	t      *testing.T
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := servicetest.New(t)
	files, err := media.Open(media.Location{Dir: t.TempDir()}, w.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{World: w, people: peopleservice.New(w.Store, files), t: t}
}

// person adds a contact with a number of their own and returns the contact's public id.
func (d *desk) person(name, phone string, consent string) string {
	d.t.Helper()
	id := d.Text(`INSERT INTO contacts (name, phone, country, consent, consent_at)
		VALUES ($1, $2, 'DE', 'none', NULL) RETURNING public_id`, name, phone)
	d.Exec(`INSERT INTO contact_addresses (contact_id, kind, address, match)
		SELECT id, 'phone', $2, $2 FROM contacts WHERE public_id = $1`, id, phone)
	if consent != "none" {
		d.Exec(`INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at)
			SELECT id, $2, 'by_hand', 'said so', $3 FROM contacts WHERE public_id = $1`, id, consent, d.Store.Now())
		d.Exec("UPDATE contacts SET consent = $2, consent_at = $3 WHERE public_id = $1", id, consent, d.Store.Now())
	}
	return id
}

func (d *desk) consent(id string) string {
	d.t.Helper()
	return d.Text("SELECT consent FROM contacts WHERE public_id = $1", id)
}

// refused checks that an error names exactly these fields and codes, "field: code" each.
func refused(t *testing.T, err error, want ...string) {
	t.Helper()
	got := refusals(err)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("refused with %q, want %q (%v)", got, want, err)
	}
}

func refusals(err error) (out []string) {
	if err == nil {
		return nil
	}
	if e, ok := err.(*models.Error); ok { //nolint:errorlint // each error of a joined one is looked at below
		return []string{e.Field + ": " + e.Code}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			out = append(out, refusals(e)...)
		}
		return out
	}
	if inner := errors.Unwrap(err); inner != nil {
		return refusals(inner)
	}
	return []string{err.Error()}
}

func long(n int) string { return strings.Repeat("ä", n) }

func refusedIn(t *testing.T, name string, err error, want []string) {
	t.Helper()
	t.Run(name, func(t *testing.T) { t.Helper(); refused(t, err, want...) })
}

// add adds a contact as a user does and returns its public id.
func (d *desk) add(phone string) string {
	d.t.Helper()
	c, err := d.people.Add(d.t.Context(), d.Actor("Otto"), peopleservice.NewContact{Phone: phone})
	if err != nil {
		d.t.Fatal(err)
	}
	return c.PublicID
}
