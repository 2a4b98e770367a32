package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/accounts"
	"parley/models/people"
	"parley/models/people/segments"
	peopleservice "parley/services/people"
)

// spring makes 60 contacts, 52 of them tagged Spring, and returns the tag's public id.
func (a *app) spring() string {
	a.t.Helper()
	a.crowd(60)
	a.exec("INSERT INTO tags (name) VALUES ('Spring')")
	a.exec("UPDATE contacts SET tags = '{1}' WHERE phone < '+4915110000052'")
	tags, err := people.Read(a.Store).Tags(a.t.Context())
	if err != nil || len(tags) != 1 {
		a.t.Fatal(tags, err)
	}
	return tags[0].PublicID
}

// list opens a list of contacts, with the count that the page fetches, and returns the form for all of them.
func (v *visitor) list(query string, pairs ...string) url.Values {
	v.app.t.Helper()
	d := v.get("/contacts?" + query).Doc()
	form := url.Values{"all": {"1"}}
	filter, _ := d.Find(`#contacts form[action="/contacts/bulk"] [name=filter]`).Attr("value")
	form.Set("filter", filter)
	count, ok := d.Find("#contacts [hx-get^='/contacts/count']").Attr("hx-get")
	if !ok {
		v.app.t.Fatal("the list does not count itself")
	}
	for name, values := range fieldsOf(v.get(count).Doc().Find("body")) {
		form[name] = values
	}
	return with(form, pairs...)
}

// A bulk change of everything that a list shows applies to the contacts that it showed. If others match now, nothing is
// changed, and the page asks.
func TestAllThatTheListShows(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	spring, otto := a.spring(), a.as("otto")
	tagged := func(name string) int {
		return a.number("SELECT count(*) FROM contacts WHERE tags @> (SELECT array_agg(id) FROM tags WHERE name = $1)", name)
	}
	if r := otto.post("/contacts/bulk", otto.list("tag="+spring, "do", "tag", "new_tag", "Letter")); r.Status != http.StatusSeeOther {
		t.Fatalf("as it was shown: %d %s", r.Status, r.Text())
	}
	a.eventually("those whom it showed are tagged", func() bool { return tagged("Letter") == 52 })

	for name, change := range map[string]struct {
		sql, says string
		n         int
	}{
		"more": {"UPDATE contacts SET tags = tags || 1::bigint WHERE phone IN ('+4915110000052', '+4915110000053', '+4915110000054')",
			"52 matched when you opened the list, 55 match now. Do it for 55?", 55},
		"fewer": {"UPDATE contacts SET tags = array_remove(tags, 1::bigint) WHERE phone = '+4915110000054'",
			"52 matched when you opened the list, 51 match now. Do it for 51?", 51},
		"others": {"UPDATE contacts SET tags = CASE WHEN tags @> '{1}' THEN array_remove(tags, 1::bigint) ELSE tags || 1::bigint END " +
			"WHERE phone IN ('+4915110000000', '+4915110000059')", "but not the same ones", 52},
	} {
		a.exec("UPDATE contacts SET tags = '{}'")
		a.exec("UPDATE contacts SET tags = '{1}' WHERE phone < '+4915110000052'")
		if name == "fewer" {
			change.sql = strings.Replace(change.sql, "0054", "0001", 1)
		}
		form := otto.list("tag="+spring, "do", "tag", "new_tag", "After "+name)
		a.exec(change.sql)
		r := otto.post("/contacts/bulk", form)
		question := r.Doc().Find("[data-testid=question]")
		if r.Status != http.StatusConflict || !strings.Contains(question.Text(), change.says) {
			t.Fatalf("%s: %d %s", name, r.Status, r.Text())
		}
		if n := a.number("SELECT count(*) FROM tags WHERE name = $1", "After "+name) + a.number("SELECT count(*) FROM contact_selections"); n != 0 {
			t.Errorf("%s: something was done before the answer", name)
		}
		if r := otto.post("/contacts/bulk", fieldsOf(question)); r.Status != http.StatusSeeOther {
			t.Fatalf("%s, answered: %d %s", name, r.Status, r.Text())
		}
		a.eventually(name+": those who were asked for", func() bool { return tagged("After "+name) == change.n })
	}
	a.exec("UPDATE contacts SET tags = '{}'")
	a.exec("UPDATE contacts SET tags = '{1}' WHERE phone < '+4915110000052'")
	// Without script nothing has been counted: the page asks, for an opt-out and an export as well.
	bare := url.Values{"all": {"1"}, "filter": {"tag=" + spring}}
	for _, do := range []string{"opt_out", "untag", "export-csv"} {
		r := otto.post("/contacts/bulk", with(bare, "do", do, "proof", "A letter", "tag", spring))
		if r.Status != http.StatusConflict || !strings.Contains(r.Text(), "52 match this list now. Do it for 52?") {
			t.Errorf("%s: %d %s", do, r.Status, r.Text())
		}
		if do == "export-csv" {
			r = otto.post("/contacts/bulk", fieldsOf(r.Doc().Find("[data-testid=question]")))
			if n := strings.Count(r.Body, "\n"); n != 53 {
				t.Errorf("the export has %d lines", n)
			}
		}
	}
	if n := a.number("SELECT count(*) FROM contacts WHERE consent = 'opted_out'"); n != 0 {
		t.Errorf("%d were opted out unasked", n)
	}
	// A condition on something that no longer exists matches nobody.
	for _, filter := range []string{"tag=nope", "nottag=nope", "segment=nope", "country=nope"} {
		r := otto.post("/contacts/bulk", url.Values{"all": {"1"}, "filter": {filter}, "do": {"opt_out"}, "proof": {"x"}})
		if r.Status != http.StatusSeeOther || a.number("SELECT count(*) FROM contact_selections") != 0 {
			t.Errorf("%s: %d %s", filter, r.Status, r.Text())
		}
	}
	if r := otto.post("/contacts/bulk", otto.list("tag="+spring, "do", "tag", "tag", "nope")); !strings.Contains(
		otto.get("/contacts").Text(),
		"Choose a tag",
	) {
		t.Errorf("a tag that is gone: %d", r.Status)
	}
}

// A job changes the contacts that were selected, not those that match when it runs. A second run changes nothing more.
func TestSelectionStands(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	spring := a.spring()
	u, err := accounts.Read(a.Store).UserByEmail(t.Context(), "otto@example.com")
	if err != nil {
		t.Fatal(err)
	}
	args := peopleservice.BulkArgs{UserID: u.ID, Change: peopleservice.Change{Do: "untag", TagID: spring}}
	filter := segments.ContactFilter{Tags: []string{spring}}
	err = segments.SelectContacts(
		t.Context(),
		a.Store,
		u.ID,
		filter,
		func(_ *models.Tx, id int64, _ segments.Shown) error {
			args.Selection = id
			return nil
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	a.exec("UPDATE contacts SET tags = '{1}' WHERE phone = '+4915110000059'")
	for range 2 {
		if err := a.People.RunBulkChange(t.Context(), args); err != nil {
			t.Fatal(err)
		}
		if n := a.number("SELECT count(*) FROM contacts WHERE tags = '{1}'"); n != 1 {
			t.Errorf("%d still have the tag: only who got it later has", n)
		}
		if n := a.number("SELECT count(*) FROM alerts WHERE title LIKE 'The tag was taken from 52%'"); n != 1 {
			t.Errorf("told %d times", n)
		}
	}
}
