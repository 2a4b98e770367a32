package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// sql changes the program's database directly.
func (d *desk) sql(statements ...string) {
	d.t.Helper()
	dsn := ""
	for _, e := range d.env {
		if rest, ok := strings.CutPrefix(e, "DATABASE_URL="); ok {
			dsn = rest
		}
	}
	conn, err := pgx.Connect(d.t.Context(), os.ExpandEnv(dsn))
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(d.t.Context()) //nolint:errcheck // the test ends here
	for _, s := range statements {
		if _, err := conn.Exec(d.t.Context(), s); err != nil {
			d.t.Fatal(err)
		}
	}
}

// TestTheFilterStays: a bulk change of a filtered list that refreshes itself applies only to the contacts that it
// showed, even if others match in the meantime. A search is carried over into the filter's form.
func TestTheFilterStays(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	d.crowd(70)
	d.sql("INSERT INTO tags (public_id, name) VALUES ('spring', 'Spring')",
		"UPDATE contacts SET tags = ARRAY[(SELECT id FROM tags WHERE name = 'Spring')] WHERE name LIKE 'Crowd %' AND phone < '+4915120000060'")
	ada.open("/contacts?tag=spring")
	ada.see("[data-testid=count]", "60 contacts")
	// The stream's first event refreshes the list, too: wait for the refresh that shows the change.
	d.sql("UPDATE contacts SET name = name || ' seen' WHERE phone = '+4915120000055'", "SELECT pg_notify('parley_live', 'contacts')")
	ada.see("#contacts", " seen")
	ada.quiet()
	ada.see("[data-testid=count]", "60 contacts")
	if rows := ada.eval(`String(document.querySelectorAll("#contacts [data-testid=contact-row]").length)`); rows != "50" {
		t.Errorf("after the refresh the page has %s rows", rows)
	}
	if text := ada.text("[data-testid=chips]"); !strings.Contains(text, "Spring") {
		t.Errorf("the chips say %q", text)
	}
	ada.until("#contacts [name=shown]:not([value=''])")
	choose := `document.querySelector("#contacts [name=contact]").click(); document.querySelector("#contacts [name=all]").click(); document.querySelector("#contacts [name=new_tag]").value = "Letter"`
	ada.act("all of them", choose)
	d.sql("UPDATE contacts SET tags = ARRAY[(SELECT id FROM tags WHERE name = 'Spring')] WHERE phone IN ('+4915120000061', '+4915120000062')")
	ada.act("tag", `document.querySelector("#contacts [value=tag]").click()`)
	ada.see("[data-testid=question]", "60 matched when you opened the list, 62 match now. Do it for 62?")
	ada.click("[data-testid=question] button")
	ada.until("#contacts")
	ada.see("#contacts-chips", "Spring")
	ada.open("/contacts?q=letter")
	ada.see("[data-testid=count]", "62 contacts")

	ada.open("/contacts?tag=spring")
	ada.until("[data-htmx-powered]")
	ada.write("#contacts-search", "Crowd 5")
	ada.see("[data-testid=count]", "11 contacts")
	ada.click("#filter-menu summary")
	ada.choose("#filter-menu [name=consent]", "opted_in")
	ada.click("#filter-menu button")
	ada.see("[data-testid=chips]", "Spring", "Opted in")
	if at := ada.eval("location.search"); !strings.Contains(at, "q=Crowd+5") || !strings.Contains(at, "tag=spring") {
		t.Errorf("the filter became %s", at)
	}
}
