package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// crowd adds n phones in the simulator, and makes their owners opted-in contacts.
func (d *desk) crowd(n int) {
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
	for i := range n {
		res, err := http.PostForm(d.URL+"/simulator/phones", url.Values{"name": {fmt.Sprintf("Crowd %d", i)}, "phone": {fmt.Sprintf("+49151%08d", 20000000+i)}})
		if err != nil {
			d.t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	_, err = conn.Exec(d.t.Context(), `WITH c AS (INSERT INTO contacts (name, phone, country, consent, consent_at) SELECT 'Crowd ' || i, '+49151' || (20000000 + i), 'DE', 'opted_in', now() FROM generate_series(0, $1) i RETURNING id, phone)
		INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM c`, n-1)
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestNotificationToASegment sends to a segment: the form, the dry run, a pause that holds, going on, and the end.
func TestNotificationToASegment(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	d.crowd(24)

	// A segment, saved from the list of contacts.
	ada.open("/contacts?consent=opted_in&q=Crowd")
	ada.see("#main", "Crowd 1")
	ada.act("save the segment", `(() => { const f = document.querySelector("form[action='/contacts/segments']"); f.closest("details")?.setAttribute("open", ""); f.querySelector("[name=name]").value = "The crowd"; f.requestSubmit(); })()`)
	ada.see("body", "The crowd")

	ada.open("/templates?state=approved&view=list")
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(ada.text("#main"), "appointment_reminder") && time.Now().Before(deadline); {
		time.Sleep(300 * time.Millisecond)
		ada.open("/templates?state=approved&view=list")
	}
	ada.open("/notifications/new")
	ada.until("[data-htmx-powered]")
	ada.act("the clinic's number", `(() => { const s = document.querySelector("#sender"); s.value = [...s.options].find((o) => o.text.includes("Harbor Clinic")).value; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	ada.see("#template", "appointment_reminder")
	ada.act("the template", `(() => { const s = document.querySelector("#template"); s.value = [...s.options].find((o) => o.text.includes("appointment_reminder")).value; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	ada.until("[name=value-3]")
	ada.fill("[name=value-2]", "2 May")
	ada.fill("[name=value-3]", "9:30")
	ada.act("a segment", `(() => { const r = document.querySelector("[name=audience][value=filter]"); r.checked = true; r.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	ada.until("#segment")
	ada.act("the crowd", `(() => { const s = document.querySelector("#segment"); s.value = [...s.options].find((o) => o.text === "The crowd").value; })()`)
	ada.act("slowly", `(() => { document.querySelector("#more").open = true; document.querySelector("[name=speed]").value = "3"; })()`)
	ada.click("[data-testid=check-notification]")

	// The dry run.
	ada.see("[data-testid=allowed]", "24")
	ada.see("[data-testid=real-preview]", "Hello Crowd, this is a reminder of your appointment on 2 May at 9:30.")
	ada.see("[data-testid=duration]", "8 s")
	ada.click("[data-testid=start-notification]")

	// It runs, is paused, resumes and finishes.
	ada.until("#notification[data-state=running]")
	settled := func() string { return ada.text("[data-testid=settled]") }
	for deadline := time.Now().Add(20 * time.Second); settled() == "0" && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
	}
	ada.click("[data-testid=pause-notification]")
	ada.until("#notification[data-state=paused]")
	time.Sleep(1500 * time.Millisecond)
	ada.open(ada.eval("location.pathname"))
	held := settled()
	time.Sleep(1500 * time.Millisecond)
	ada.open(ada.eval("location.pathname"))
	if now := settled(); now != held || now == "24" {
		t.Errorf("while paused it went from %s to %s", held, now)
	}
	ada.click("[data-testid=resume-notification]")
	ada.until("#notification[data-state=finished]")
	ada.see("[data-figure=Delivered]", "24")
	if n := ada.eval(`String(document.querySelectorAll("[data-testid=recipient]").length)`); n != "24" {
		t.Errorf("%s recipients", n)
	}
	// Refused input is kept, with the reason, until it is fixed.
	ada.act("refused", `(() => { const d = document.querySelector("#repeat-monthly"); d.open = true; d.querySelector("[name=dates]").value = "1, 99"; d.querySelector("form").requestSubmit(); })()`)
	ada.see("[data-problem=dates]", "99")
	time.Sleep(time.Second)
	if typed := ada.eval(`document.querySelector("#repeat-monthly [name=dates]").value`); typed != "1, 99" {
		t.Errorf("what was typed is %q", typed)
	}
	if at := ada.eval(`document.activeElement.name + (document.activeElement.getBoundingClientRect().bottom < innerHeight ? " in sight" : "")`); at != "dates in sight" {
		t.Errorf("the page opens at %q", at)
	}
	ada.act("fixed", `(() => { const d = document.querySelector("#repeat-monthly"); d.querySelector("[name=dates]").value = "1, 15, last"; d.querySelector("form").requestSubmit(); })()`)
	ada.see("[data-testid=schedule]", "On the 1st, 15th and last day of each month")
	ada.open("/reports/messages?by=notification&days=1")
	ada.see("[data-testid=report]", "appointment_reminder", "24")
	if bad := d.problems(); bad != "" {
		t.Errorf("the program logged problems:\n%s", bad)
	}
}
