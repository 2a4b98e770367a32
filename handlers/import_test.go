package handlers_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"parley/models"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// upload uploads a file and returns the path of its import.
func (v *visitor) importing(name string, content []byte) string {
	v.app.t.Helper()
	r := v.uploadFile("/contacts/imports", name, content)
	if r.Status != http.StatusSeeOther {
		v.app.t.Fatalf("upload of %s: %d %s", name, r.Status, r.Text())
	}
	return r.Header.Get("Location")
}

// columnsOf is the unchanged form of an import's page.
func (v *visitor) columnsOf(path string) url.Values {
	v.app.t.Helper()
	form := url.Values{}
	d := v.get(path).Doc().Find("#columns")
	for i, n := range d.Find("select").EachIter() {
		_ = i
		form.Set(n.AttrOr("name", ""), n.Find("option[selected]").AttrOr("value", ""))
	}
	if _, on := d.Find("[name=header]").Attr("checked"); on {
		form.Set("header", "1")
	}
	return form
}

// dryRun checks an import and waits for the result.
func (v *visitor) dryRun(path string, change url.Values) imports.ImportCounts {
	v.app.t.Helper()
	form := v.columnsOf(path)
	for k, x := range change {
		form[k] = x
	}
	if r := v.post(path+"/check", form); r.Status != http.StatusSeeOther {
		v.app.t.Fatalf("check: %d %s", r.Status, r.Text())
	}
	return v.ended(path, imports.ImportChecked, imports.ImportHeld).Counts
}

func (v *visitor) ended(path string, states ...imports.ImportState) *imports.Import {
	v.app.t.Helper()
	var i *imports.Import
	v.app.eventually("the import is "+string(states[0]), func() bool {
		var err error
		if i, err = imports.Read(v.app.Store).ImportByPublicID(v.app.t.Context(), path[strings.LastIndex(path, "/")+1:]); err != nil {
			v.app.t.Fatal(err)
		}
		if i.State == imports.ImportFailed && states[0] != imports.ImportFailed {
			v.app.t.Fatal(i.Problem)
		}
		for _, s := range states {
			if i.State == s {
				return true
			}
		}
		return false
	})
	return i
}

func (v *visitor) start(path string) *imports.Import {
	v.app.t.Helper()
	if r := v.post(path+"/start", nil); r.Status != http.StatusSeeOther {
		v.app.t.Fatalf("start: %d %s", r.Status, r.Text())
	}
	return v.ended(path, imports.ImportDone)
}

func (a *app) contactAt(phone string) *people.Contact {
	a.t.Helper()
	p, err := segments.Read(a.Store).Contacts(a.t.Context(), segments.ContactFilter{Query: phone, Limit: 2})
	if err != nil || len(p.Rows) != 1 {
		a.t.Fatalf("%d contacts at %s: %v", len(p.Rows), phone, err)
	}
	return &p.Rows[0]
}

// A realistic file: semicolons, a byte order mark, national numbers, quoted line breaks, formulas, a repeated number,
// and lines that are not rows.
func TestImportOfAMessyFile(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	ada.post("/settings/fields", url.Values{"label": {"Customer number"}, "kind": {"number"}})
	ada.post("/settings/fields", url.Values{"label": {"Plan"}, "kind": {"choice"}, "choices": {"Gold\nSilver"}})
	file := "\ufeffName;Handynummer;Sprache;Customer number;Plan;Tags\r\n" +
		"\"Ada\nLovelace\";0151 23456789;Deutsch;42;gold;VIP, Berlin\r\n" +
		"=cmd|' /C calc'!A0;+49 151 23456790;de;;;\r\n" +
		"Twice;004915123456789;de;;;\r\n" +
		"Bad number;12;de;;;\r\n" +
		"\r\n" +
		"Excel;4,91512E+12;de;;;\r\n" +
		"Wrong plan;+4915123456791;de;1;Bronze;\r\n" +
		"\"O\"\"Neil\";+1 (415) 555-0100;klingon;;;\r\n" +
		";=\"+4915123456792\";;;;\r\n"
	path := otto.importing("Kunden.csv", []byte(file))
	form := otto.columnsOf(path)
	for n, want := range []string{"name", "phone", "language", "field:customer_number", "field:plan", "tags"} {
		if got := form.Get(fmt.Sprintf("column-%d", n)); got != want {
			t.Errorf("column %d is taken for %q, not %q", n, got, want)
		}
	}
	k := otto.dryRun(path, url.Values{"country": {"DE"}})
	if k.New != 3 || k.Refused != 5 || k.Changed != 0 {
		t.Fatalf("%+v: %s", k, otto.get(path).Text())
	}
	page := otto.get(path)
	for _, want := range []string{"The same number stands in another line", "A spreadsheet has rounded this number", "Plan must be one of: Gold, Silver.", "not a language", "not a phone number"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the page does not say %q: %s", want, page.Text())
		}
	}
	if n, _, _ := segments.Read(a.Store).CountContacts(t.Context(), segments.ContactFilter{}); n != 0 {
		t.Errorf("a dry run made %d contacts", n)
	}
	report := otto.get(path + "/refused.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(report.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 6 || rows[1][0] != "5" || rows[1][2] != "004915123456789" && rows[1][2] != "+4915123456789" {
		t.Errorf("the report: %v %v", rows, err)
	}
	i := otto.start(path)
	if i.Counts.Added != 3 {
		t.Fatalf("%+v", i)
	}
	a.eventually("the file is removed", func() bool {
		i, err := imports.Read(a.Store).ImportByID(t.Context(), i.ID)
		return err == nil && i.File == ""
	})
	c := a.contactAt("+4915123456789")
	if c.Name != "Ada\nLovelace" || c.Language != "de" || c.Country != "DE" || len(c.Tags) != 2 || c.Fields["customer_number"] != 42.0 || c.Fields["plan"] != "Gold" || c.Consent != whatsapp.ConsentNone {
		t.Errorf("%+v", c)
	}
	// An export contains no formulas that run, and importing it again gives the same contacts.
	out := otto.get("/contacts/export?format=csv")
	if !strings.Contains(out.Body, "'=cmd|") || !strings.Contains(out.Body, "+4915123456789") || !strings.HasPrefix(out.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("the export: %s", out.Body)
	}
	again := otto.dryRun(otto.importing("again.csv", []byte(out.Body)), url.Values{"consent": {"none"}})
	if again.New != 0 || again.Same != 3 || again.Changed != 0 {
		t.Errorf("an export comes in as %+v", again)
	}
}

// Encodings and formats: UTF-16 with tabs, Windows-1252, a workbook with numbers and dates, a file without a header
// row.
func TestImportFormats(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.as("ada").post("/settings/fields", url.Values{"label": {"Since"}, "kind": {"date"}})
	var wide bytes.Buffer
	wide.Write([]byte{0xff, 0xfe})
	for _, u := range utf16.Encode([]rune("phone\tname\r\n+4915100000001\tZoë 🙂\r\n")) {
		wide.Write([]byte{byte(u), byte(u >> 8)})
	}
	book := excelize.NewFile()
	for cell, v := range map[string]any{"A1": "Mobile", "B1": "Vorname", "C1": "Nachname", "D1": "Since", "A2": 4915100000002, "B2": "Jürgen", "C2": "Groß", "D2": 45000, "A3": "00 49 151 00000003"} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	xlsx, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		phone   string
		want    string
		rows    int64
	}{
		"wide.txt":    {wide.Bytes(), "+4915100000001", "Zoë 🙂", 1},
		"book.xlsx":   {xlsx.Bytes(), "+4915100000002", "Jürgen Groß", 2},
		"western.csv": {[]byte("M\xfcller,+4915100000004\nSchr\xf6der,+4915100000005\n"), "+4915100000004", "Müller", 2},
	} {
		path := otto.importing(name, c.content)
		if k := otto.dryRun(path, url.Values{"country": {"DE"}}); k.New != c.rows || k.Refused != 0 {
			t.Errorf("%s: %+v %s", name, k, otto.get(path).Text())
			continue
		}
		otto.start(path)
		if got := a.contactAt(c.phone); got.Name != c.want {
			t.Errorf("%s: %q", name, got.Name)
		}
	}
	if got := a.contactAt("+4915100000002").Fields["since"]; got != "2023-03-15" {
		t.Errorf("a date of a workbook: %v", got)
	}
}

// A file whose content is not of the claimed type is refused at once, with a sentence.
func TestImportRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	for name, content := range map[string]string{"a.xlsx": "name,phone\n", "a.csv": "PK\x03\x04rest", "b.csv": "%PDF-1.7", "c.csv": "", "d.csv": "a\x00b\x00c", "e.xls": "\xd0\xcf\x11\xe0old", "f.csv": "<!DOCTYPE html><p>", "g.xlsx": "PK\x03\x04broken"} {
		if r := otto.uploadFile("/contacts/imports", name, []byte(content)); r.Status != http.StatusUnprocessableEntity || r.Problem("file") == "" {
			t.Errorf("%s: %d %s", name, r.Status, r.Text())
		}
	}
	if r := otto.post("/contacts/imports", nil); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", r.Status)
	}
	// A quote that is never closed does not swallow the rest of the file.
	path := otto.importing("quote.csv", []byte("phone,name\n"+strings.Repeat("+4915100000001,a\n", 30)+"+4915100000001,\"open"+strings.Repeat("x,y\n", 600_000)))
	form := otto.columnsOf(path)
	otto.post(path+"/check", form)
	if i := otto.ended(path, imports.ImportFailed); !strings.Contains(i.Problem, "quotation mark") {
		t.Error(i.Problem)
	}
}

// An opt-in needs a proof; an import never reverts an opt-out; undoing an import keeps contacts that were used since.
func TestImportOfConsent(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers("+4915100000001") // opted in, with a conversation
	otto.post("/contacts", url.Values{"phone": {"+4915100000002"}, "name": {"Old name"}})
	gone := a.contactAt("+4915100000002")
	otto.post("/contacts/"+gone.PublicID+"/consent", url.Values{"kind": {"opted_out"}, "source": {"by_hand"}, "proof": {"called us"}})
	path := otto.importing("list.csv", []byte("phone,name\n+4915100000001,One\n+4915100000002,Two\n+4915100000003,Three\n+4915100000004,Four\n"))
	form := otto.columnsOf(path)
	form.Set("consent", "all")
	if r := otto.post(path+"/check", form); r.Status != http.StatusUnprocessableEntity || r.Problem("proof") == "" || r.Problem("source") == "" || r.Problem("wording") == "" {
		t.Fatalf("an opt-in without proof: %d %s", r.Status, r.Text())
	}
	k := otto.dryRun(path, url.Values{"consent": {"all"}, "source": {"web_form"}, "proof": {"https://shop.example/forms/7"}, "wording": {"Yes, write to me on WhatsApp."}})
	if k.New != 2 || k.OptIns != 2 || k.KeptOut != 1 {
		t.Fatalf("%+v", k)
	}
	otto.start(path)
	if c := a.contactAt("+4915100000002"); c.Consent != whatsapp.OptedOut {
		t.Error("an import revived an opt-out")
	}
	three := a.contactAt("+4915100000003")
	history, err := people.Read(a.Store).ConsentHistory(t.Context(), three.ID)
	if err != nil || len(history) != 1 || history[0].Source != whatsapp.SourceWebForm || !strings.Contains(history[0].Proof, "forms/7") || history[0].Wording == "" || *history[0].ActorID == 0 {
		t.Fatalf("%+v %v", history, err)
	}
	// Four writes a message before the import is undone.
	a.Sim.AddCustomer("+4915100000004", "Four")
	a.Sim.Write("+4915100000004", "+15550100200", writes("hello"))
	a.conversation("+4915100000004", 1)
	if r := otto.post(path+"/undo", nil); r.Status != http.StatusSeeOther {
		t.Fatalf("undo: %d", r.Status)
	}
	i := otto.ended(path, imports.ImportUndone)
	if i.Counts.Removed != 1 || i.Counts.Withdrawn != 2 {
		t.Errorf("%+v", i.Counts)
	}
	if four := a.contactAt("+4915100000004"); four.Consent != whatsapp.ConsentNone {
		t.Errorf("the import's opt-in of somebody who wrote since: %s", four.Consent)
	}
	if p, _ := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Query: "+4915100000003", Limit: 2}); len(p.Rows) != 0 {
		t.Error("a contact of the import is still listed")
	}
	if events, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 || events == 0 {
		t.Errorf("the ledger: %d %v %v", events, problems, err)
	}
	// The number is free again.
	if r := otto.post("/contacts", url.Values{"phone": {"+4915100000003"}}); r.Status != http.StatusSeeOther {
		t.Errorf("add again: %d %s", r.Status, r.Text())
	}
}

// Consecutive numbers in long rows block an import until an admin releases it, with a recorded reason.
func TestImportIsHeld(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	var b strings.Builder
	b.WriteString("phone\n")
	for n := range 60 {
		fmt.Fprintf(&b, "+49151500%05d\n", n)
	}
	path := otto.importing("bought.csv", []byte(b.String()))
	if k := otto.dryRun(path, nil); k.InARow != 60 {
		t.Fatalf("%+v", k)
	}
	if r := otto.post(path+"/start", nil); r.Status != http.StatusConflict {
		t.Errorf("a held import starts: %d", r.Status)
	}
	if r := otto.post(path+"/release", url.Values{"reason": {"I say so"}}); r.Status != http.StatusForbidden {
		t.Errorf("an operator lets it go: %d", r.Status)
	}
	if r := ada.post(path+"/release", nil); r.Problem("reason") == "" {
		t.Errorf("without a reason: %s", r.Text())
	}
	if r := ada.post(path+"/release", url.Values{"reason": {"Our own new office numbers"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("release: %d %s", r.Status, r.Text())
	}
	if i := otto.start(path); i.Counts.Added != 60 {
		t.Errorf("%+v", i.Counts)
	}
}

// An import whose process ended continues after its last commit.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	var b strings.Builder
	b.WriteString("phone,name\n")
	for n := range 3000 {
		fmt.Fprintf(&b, "+4915%09d,Person %d\n", n*7919%1_000_000_000, n)
	}
	path := otto.importing("many.csv", []byte(b.String()))
	otto.dryRun(path, nil)
	id := path[strings.LastIndex(path, "/")+1:]
	i, err := imports.Read(a.Store).ImportByPublicID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// The state after a crash in the middle: a part is committed, the other rows are lost, no job is left.
	a.exec("UPDATE imports SET state = 'running' WHERE id = $1", i.ID)
	if _, err := imports.ApplyImport(t.Context(), a.Store, imports.ImportStep{ImportID: i.ID, Actor: models.System("test"), N: 1000}); err != nil {
		t.Fatal(err)
	}
	a.exec("DELETE FROM import_rows WHERE import_id = $1", i.ID)
	a.exec("UPDATE imports SET updated_at = now() - interval '1 minute' WHERE id = $1", i.ID)
	if err := a.Importing.GoOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := otto.ended(path, imports.ImportDone)
	if n, exact, err := segments.Read(a.Store).CountContacts(t.Context(), segments.ContactFilter{}); n != 3000 || !exact || err != nil || done.Counts.Added != 3000 {
		t.Errorf("%d contacts, %+v %v", n, done.Counts, err)
	}
}

// An import that is stopped keeps the imported contacts, and can be undone; one that never started leaves nothing.
func TestImportIsStopped(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	path := otto.importing("list.csv", []byte("phone\n+4915100000001\n+4915100000002\n"))
	otto.dryRun(path, nil)
	if r := otto.post(path+"/cancel", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	i := otto.ended(path, imports.ImportCanceled)
	a.eventually("the file is removed", func() bool {
		i, err := imports.Read(a.Store).ImportByID(t.Context(), i.ID)
		return err == nil && i.File == ""
	})
	for _, step := range []string{"/start", "/check", "/cancel"} {
		if r := otto.post(path+step, otto.columnsOf(path)); r.Status != http.StatusConflict && r.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s after the end: %d", step, r.Status)
		}
	}
	// An upload that is not continued is deleted after a week, with its file.
	path = otto.importing("forgotten.csv", []byte("phone\n+4915100000009\n"))
	a.exec("UPDATE imports SET updated_at = now() - interval '8 days' WHERE state = 'new'")
	if err := a.Importing.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	otto.ended(path, imports.ImportCanceled)
	path = otto.importing("many.csv", []byte("phone\n+4915100000003\n+4915100000004\n"))
	otto.dryRun(path, nil)
	id := path[strings.LastIndex(path, "/")+1:]
	a.exec("UPDATE imports SET state = 'running' WHERE public_id = $1", id)
	now, err := imports.Read(a.Store).ImportByPublicID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := imports.ApplyImport(t.Context(), a.Store, imports.ImportStep{ImportID: now.ID, Actor: models.System("test"), N: 1}); err != nil {
		t.Fatal(err)
	}
	otto.post(path+"/cancel", nil)
	if more, err := imports.ApplyImport(t.Context(), a.Store, imports.ImportStep{ImportID: now.ID, Actor: models.System("test"), N: 1}); more || err != nil {
		t.Errorf("it goes on: %v %v", more, err)
	}
	if n, _, _ := segments.Read(a.Store).CountContacts(t.Context(), segments.ContactFilter{}); n != 1 {
		t.Errorf("%d contacts", n)
	}
	otto.post(path+"/undo", nil)
	otto.ended(path, imports.ImportUndone)
	if n, _, _ := segments.Read(a.Store).CountContacts(t.Context(), segments.ContactFilter{}); n != 0 {
		t.Errorf("%d contacts after all", n)
	}
}
