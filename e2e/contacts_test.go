package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// importOf uploads a file through the page and returns the import's path once its dry run is there.
func (p *person) importOf(d *desk, name, content string) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.open("/contacts/imports")
	p.do("choose the file", chromedp.SetUploadFiles("input[data-file]", []string{path}))
	p.see("[data-file-name]", name)
	p.click("form[data-upload-form] button")
	p.see("#columns", "What the columns mean")
	p.click("#columns .btn[data-variant=primary]")
	p.see("[data-testid=dry-run]", "Nothing has changed yet")
	return strings.TrimPrefix(p.eval("location.pathname"), d.URL)
}

// An operator imports a list, creates a segment from it, and opts a contact out; an agent sees it at once; a person
// opts in on the public page and from the phone.
func TestContactsFromAFile(t *testing.T) {
	t.Parallel()
	d := start(t)
	otto, ana := d.window("otto"), d.window("ana")
	otto.signIn("otto@example.com")
	ana.signIn("ana@example.com")
	ana.open("/contacts")
	var b strings.Builder
	b.WriteString("\ufeffName;Handy;Insurance;Tags\n")
	for n := range 400 {
		fmt.Fprintf(&b, "Patient %03d;+4917%09d;%s;%s\n", n, n*7919%1_000_000_000, []string{"public", "private"}[n%2], []string{"VIP", ""}[n%2])
	}
	b.WriteString("Nobody;12;public;\n")
	otto.importOf(d, "Patienten.csv", b.String())
	otto.see("[data-testid=new]", "400")
	otto.see("[data-testid=refused]", "1")
	otto.see("[data-testid=refusal]", "402", "too short")
	otto.act("start", `[...document.querySelectorAll("#import button")].find(b => b.innerText.startsWith("Import 400")).click()`)
	otto.see("[data-testid=added]", "400")
	ana.see("[data-testid=count]", "404 contacts")
	ana.see("#contacts", "Patient 399")

	// A shared segment with two conditions.
	otto.open("/contacts")
	otto.click("#filter-menu summary")
	otto.choose("#filter-menu [name=field_key]", "insurance")
	otto.write("#filter-menu [name=field_value]", "private")
	otto.click("#filter-menu button")
	otto.see("[data-testid=chips]", "Insurance is private")
	otto.see("[data-testid=count]", "200 contacts")
	otto.act("name the segment", `(() => { const f = document.querySelector("form[action='/contacts/segments']"); f.elements.namedItem("name").value = "Private patients"; f.requestSubmit(); })()`)
	otto.see("[data-testid=segment][aria-current=true]", "Private patients")
	ana.open("/contacts")
	ana.see("[data-testid=segment]", "Private patients")

	// The search narrows the list while the user types.
	otto.open("/contacts")
	otto.write("main input[type=search]", "patient 12")
	otto.see("[data-testid=count]", "10 contacts")
	otto.see("#contacts", "Patient 127")

	// Two contacts are chosen and opted out; the reason is recorded.
	otto.open("/contacts?q=Patient+39")
	otto.act("choose two", `document.querySelectorAll("#contacts [name=contact]").forEach((b, i) => { if (i < 2) b.click(); })`)
	otto.see("[data-testid=many]", "Opt out")
	otto.click("[data-testid=many] details:nth-of-type(2) summary")
	otto.write("#contacts [name=proof]", "Called us")
	otto.click("#contacts [value=opt_out]")
	otto.see("#toasts", "Opted out 2 contacts")
	ana.open("/contacts?consent=opted_out&q=Patient")
	ana.see("[data-testid=count]", "2 contacts")

	// A contact is edited in place, and an agent who views it sees the change.
	ana.act("open one", `document.querySelector("[data-testid=contact-row] a").click()`)
	ana.see("[data-testid=consent-event]", "Opted out", "Called us", "Otto")
	otto.open(ana.eval("location.pathname"))
	otto.act("rename", `(() => { const n = document.querySelector("#profile [name=name]"); n.value = "Renamed Patient"; n.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	otto.see("[data-testid=saved]", "Saved")
	ana.see("#summary h1", "Renamed Patient")

	// A person opts in: the form on the public page, then the keyword from the phone.
	person := d.window("person")
	person.open("/join/front-desk")
	person.see("main", "Harbor Clinic", "write STOP")
	person.write("#phone", "+44 7700 900123")
	person.click("[name=agreed]")
	person.click("form button")
	person.click("[name=phone_confirmed]") // a number reserved for fiction has to be confirmed
	person.click("form button")
	person.see("[data-testid=optin-confirm]", "JOIN CLINIC")
	person.open("/simulator/phones/+447700900123?with=business")
	person.write("[name=body]", "join clinic")
	person.act("send", `document.querySelector("[name=body]").form.requestSubmit()`)
	otto.open("/contacts?q=%2B447700900123")
	otto.see("#contacts", "Opted in")
	person.see("body", "Welcome! You will get reminders from Harbor Clinic here.")
}
