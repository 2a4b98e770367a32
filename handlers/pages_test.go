package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/models"
	"parley/models/accounts"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	accountservice "parley/services/accounts"
	"parley/simulator"
	"parley/whatsapp"
)

// A notification goes to the contacts who are opted in, names the reasons for which others are excluded, and is sent
// once.
func TestNotification(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.joined(noor, "Noor", "Hello")
	a.Sim.AddCustomer("+4915198765432", "Zoë")
	a.Sim.Write("+4915198765432", simulator.BusinessPhone, simulator.Outgoing{Body: "Hi, no opt-in from me"})
	a.conversation("+4915198765432", 1)
	ids := []string{}
	people, err := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Limit: 10})
	rows := people.Rows
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for _, r := range rows {
		ids = append(ids, r.PublicID)
	}
	senders, err := senders.Read(a.Store).Senders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := templates.Read(a.Store).ApprovedVersions(t.Context(), true, models.Admin)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"sender": {senders[0].PublicID}, "template": {list[0].PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {"Tuesday"}, "value-2": {""}, "token": {"once"}}
	if r := otto.post("/notifications", form); r.Status != 422 || r.Problem("value-2") == "" || !strings.Contains(r.Body, `value="Tuesday"`) {
		t.Errorf("a missing value: %d %q", r.Status, r.Problem("value-2"))
	}
	form.Set("value-2", "10:00")
	bare := url.Values{"do": {"send"}, "sender": form["sender"], "template": form["template"], "use_case": form["use_case"], "token": {"x"}, "value-1": {"a"}, "value-2": {"b"}}
	if r := otto.post("/notifications", bare); r.Status != 422 || r.Problem("contacts") == "" {
		t.Errorf("nobody chosen: %d", r.Status)
	}
	bare["contact"] = []string{rows[0].PublicID} // Zoë, who is not opted in
	if r := otto.post("/notifications", bare); r.Status != 422 || !strings.Contains(r.Problem("contacts"), "not opted in") {
		t.Errorf("only people without opt-in: %d %q", r.Status, r.Problem("contacts"))
	}
	first, second := otto.post("/notifications", form), otto.post("/notifications", form)
	if first.Status != http.StatusSeeOther || first.Header.Get("Location") != second.Header.Get("Location") {
		t.Fatalf("send twice: %d %q %q", first.Status, first.Header.Get("Location"), second.Header.Get("Location"))
	}
	a.eventually("it is delivered", func() bool {
		return otto.get(first.Header.Get("Location")).Doc().Find(`[data-testid=recipient][data-status=delivered]`).Length() == 1
	})
	if text := otto.get(first.Header.Get("Location")).Text(); !strings.Contains(text, "Left out: Not opted in") {
		t.Error("the exclusion has no reason")
	}
	n := 0
	for _, m := range a.Sim.Messages(noor) {
		if m.ContentSid != "" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("Noor got it %d times", n)
	}
}

// Contacts are added, found and edited; consent by hand needs its proof.
func TestContacts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	for _, bad := range []string{"", "12345", "0151 2345678", "+1555", "hello"} {
		if r := otto.post("/contacts", url.Values{"phone": {bad}, "name": {"Kept Name"}}); r.Status != 422 || r.Problem("phone") == "" || !strings.Contains(r.Body, "Kept Name") {
			t.Errorf("%q: %d %q", bad, r.Status, r.Problem("phone"))
		}
	}
	r := otto.post("/contacts", url.Values{"phone": {"+49 151 23456789"}, "name": {"Noor Haddad"}, "language": {"ar"}})
	if r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	page := r.Header.Get("Location")
	if r := otto.post("/contacts", url.Values{"phone": {"+4915123456789"}}); r.Status != 422 || !strings.Contains(r.Problem("phone"), "already") {
		t.Errorf("the same number: %d %q", r.Status, r.Problem("phone"))
	}
	for _, q := range []string{"noor", "HADDAD", "2345", "+49 151 234", "151-234"} {
		if n := otto.get("/contacts?q=" + url.QueryEscape(q)).Doc().Find("[data-testid=contact-row]").Length(); n != 1 {
			t.Errorf("search %q finds %d", q, n)
		}
	}
	for _, q := range []string{"zoe", "%", "_", "'"} {
		if n := otto.get("/contacts?q=" + url.QueryEscape(q)).Doc().Find("[data-testid=contact-row]").Length(); n != 0 {
			t.Errorf("search %q finds %d", q, n)
		}
	}
	if r := otto.post(page+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "wording": {"Kept words"}}); r.Status != 422 || r.Problem("proof") == "" || !strings.Contains(r.Body, "Kept words") {
		t.Errorf("no proof: %d", r.Status)
	}
	if r := otto.post(page+"/consent", url.Values{"kind": {"opted_in"}, "source": {"sandbox_join"}, "proof": {"x"}}); r.Status != 422 {
		t.Errorf("a source that only the program may name: %d", r.Status)
	}
	otto.post(page+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "proof": {"Form 12"}})
	if d := otto.get(page).Doc(); d.Find("[data-testid=consent-event]").Length() != 1 || !strings.Contains(d.Find("#history").Text(), "Form 12") {
		t.Error("the event is not in the history")
	}
	if r := otto.post(page, url.Values{"version": {"1"}, "name": {"Noor H."}, "language": {"ar"}}); r.Status != http.StatusSeeOther {
		t.Errorf("edit: %d", r.Status)
	}
	if r := otto.post(page, url.Values{"version": {"1"}, "name": {"Stale"}, "language": {"ar"}}); r.Status != http.StatusConflict || !strings.Contains(r.Body, `value="Stale"`) {
		t.Errorf("stale: %d", r.Status)
	}
	events, err := models.Read(a.Store).AuditEvents(t.Context(), "contact", strings.TrimPrefix(page, "/contacts/"), 10)
	if err != nil || len(events) != 3 {
		t.Errorf("%d audit events (%v), want added, opted in, changed", len(events), err)
	}
}

// Signing in: wrong passwords are limited in number, sessions rotate, end and can be revoked.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	v := a.as("")
	for range accountservice.TriesByAccount {
		if r := v.post("/signin", url.Values{"email": {"ana@example.com"}, "password": {"wrong"}}); r.Status != 422 || !strings.Contains(r.Body, "ana@example.com") {
			t.Fatalf("wrong password: %d", r.Status)
		}
	}
	if r := v.post("/signin", url.Values{"email": {"ANA@example.com"}, "password": {password}}); r.Status != http.StatusTooManyRequests {
		t.Errorf("after too many tries: %d", r.Status)
	}
	ada, other := a.as("ada"), a.as("ada")
	if r := ada.post("/signin", url.Values{"email": {"ada@example.com"}, "password": {password}, "next": {"//evil.example"}}); r.Header.Get("Location") != "/" {
		t.Errorf("signing in leads to %q", r.Header.Get("Location"))
	}
	d := ada.get("/account").Doc()
	if n := d.Find("[data-testid=session]").Length(); n != 2 {
		t.Errorf("%d sessions, want 2: the first one was rotated away", n)
	}
	revoke, _ := d.Find(`form[action$="/revoke"]`).Attr("action")
	ada.post(revoke, nil)
	if r := other.get("/inbox"); r.Status != http.StatusSeeOther {
		t.Errorf("a revoked session still works: %d", r.Status)
	}
	var clear int
	if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT count(*) FROM sessions WHERE length(token_hash) <> 32").Scan(&clear); err != nil || clear != 0 {
		t.Errorf("%d sessions are not hashed (%v)", clear, err)
	}
	ada.post("/signout", nil)
	if r := ada.get("/"); r.Status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", r.Status)
	}
	// A disabled user is signed out at once.
	ottos, admin := a.as("otto"), a.as("ada")
	u, err := accounts.Read(a.Store).UserByEmail(t.Context(), "otto@example.com")
	if err != nil {
		t.Fatal(err)
	}
	admin.post("/settings/users/"+u.PublicID+"/disable", url.Values{"disabled": {"1"}})
	if r := ottos.get("/inbox"); r.Status != http.StatusSeeOther {
		t.Errorf("a disabled user still works: %d", r.Status)
	}
}

// After a session has ended, a part answers with a message and the page stays as it is.
func TestExpiredSessionWhileTyping(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "DELETE FROM sessions"); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, a.URL+"/conversations/"+c.PublicID+"/replies", strings.NewReader(reply("kept in the browser").Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request-Type", "partial")
	r := ana.send(req)
	if r.Status != http.StatusUnauthorized || r.Header.Get("HX-Reswap") != "none" || !strings.Contains(r.Body, "still here") {
		t.Errorf("%d %q", r.Status, r.Body)
	}
	// A plain form is kept during the sign-in and sent afterwards.
	r = ana.post("/conversations/"+c.PublicID+"/replies", reply("typed before, and rather long so that it can be read again"))
	if r.Status != http.StatusUnauthorized || !strings.Contains(r.Text(), "what you typed is kept") {
		t.Fatalf("a form without a session: %d %s", r.Status, r.Text())
	}
	d := r.Doc()
	again := url.Values{"email": {"ana@example.com"}, "password": {password}}
	for _, name := range []string{"kept", "kept_for"} {
		v, _ := d.Find("input[name=" + name + "]").Attr("value")
		again.Set(name, v)
	}
	d = ana.post("/signin", again).Doc()
	action, _ := d.Find("form").Attr("action")
	form := url.Values{"body": {d.Find("textarea[name=body]").Text()}}
	if r := ana.post(action, form); r.Status != http.StatusSeeOther || !strings.Contains(form.Get("body"), "typed before") {
		t.Errorf("sent on: %d %q", r.Status, form.Get("body"))
	}
}

// Pictures and locations from a phone arrive; the list shows the most urgent conversation first.
func TestInboxOrderAndMedia(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.joined(noor, "Noor", "first")
	a.Sim.MoveClock(time.Hour)
	second := a.joined("+4915100000001", "Second", "second")
	ana := a.as("ana")
	order := func() (names []string) {
		ana.get("/inbox").Doc().Find("[data-testid=row]").Each(func(_ int, s *goquery.Selection) {
			name := "Noor"
			if strings.Contains(s.Text(), "Second") {
				name = "Second"
			}
			names = append(names, name)
		})
		return names
	}
	if got := order(); len(got) != 2 || got[0] != "Noor" {
		t.Errorf("order %v: Noor's session closes first", got)
	}
	first := a.conversation(noor, 2)
	ana.post("/conversations/"+first.PublicID+"/replies", reply("answered"))
	if got := order(); got[0] != "Second" {
		t.Errorf("order %v: Second waits, Noor was answered", got)
	}
	a.Sim.Write("+4915100000001", simulator.SandboxPhone, simulator.Outgoing{File: []byte("\x89PNG\r\n\x1a\nabc"), ContentType: "image/png"})
	a.Sim.Write("+4915100000001", simulator.SandboxPhone, simulator.Outgoing{File: []byte("<html><script>"), ContentType: "text/html"})
	a.conversation("+4915100000001", 4)
	a.eventually("the picture is fetched", func() bool {
		return ana.get("/inbox/"+second.PublicID).Doc().Find("[data-testid=picture]").Length() == 1
	})
	a.eventually("the other file is only to be downloaded", func() bool {
		files := a.thread(second)
		for _, m := range files {
			for _, f := range m.Media {
				if f.ContentType == "text/html" && f.File != "" {
					r := ana.get("/media/" + f.PublicID)
					return strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") && strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox")
				}
			}
		}
		return false
	})
	if got, err := people.Read(a.Store).ContactByPublicID(t.Context(), second.Contact.PublicID); err != nil || got.Consent != whatsapp.OptedIn {
		t.Error(got, err)
	}
}

// The record of consent can be verified: the page and the export show every event with its fingerprint, and a forged
// event is marked.
func TestEvidence(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	id := a.customers("+4915111111111")[0]
	otto := a.as("otto")
	otto.post("/contacts/"+id+"/consent", url.Values{"kind": {"opted_out"}, "source": {"by_hand"}, "proof": {"said so on the phone"}})
	page := otto.get("/contacts/" + id + "/consent")
	if page.Status != 200 || page.Doc().Find("[data-testid=consent-event]").Length() != 2 || page.Doc().Find("[data-testid=chain-whole]").Length() != 1 || !strings.Contains(page.Text(), "said so on the phone") {
		t.Errorf("page: %d %s", page.Status, page.Text())
	}
	export := otto.get("/contacts/" + id + "/consent.json")
	if export.Status != 200 || !strings.Contains(export.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(export.Body, `"intact": true`) || strings.Count(export.Body, `"hash"`) != 2 {
		t.Errorf("export: %d %s", export.Status, export.Body)
	}
	if !strings.Contains(a.as("ada").get("/settings/audit").Text(), "was exported") {
		t.Error("the export is not on record")
	}
	if r := a.as("ana").get("/contacts/" + id + "/consent.json"); r.Status != http.StatusForbidden {
		t.Errorf("ana exports: %d", r.Status)
	}
	a.exec("ALTER TABLE consent_events DISABLE TRIGGER refuse_consent_change")
	a.exec("UPDATE consent_events SET proof = 'forged' WHERE id = (SELECT min(id) FROM consent_events)")
	page = otto.get("/contacts/" + id + "/consent")
	if page.Doc().Find("[data-broken=true]").Length() != 1 || !strings.Contains(page.Text(), "tampered with") {
		t.Errorf("forged: %s", page.Text())
	}
	if !strings.Contains(otto.get("/contacts/"+id+"/consent.json").Body, `"intact": false`) {
		t.Error("the export calls a forged record whole")
	}
}
