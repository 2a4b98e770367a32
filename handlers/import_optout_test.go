package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models/people"
	"parley/models/people/imports"
	"parley/whatsapp"
)

var withProof = url.Values{"consent": {"column"}, "source": {"web_form"}, "proof": {"https://shop.example/forms/7"}, "wording": {"Yes, write to me on WhatsApp."}}

// Lines with the same number are resolved by date, in whatever order they are, and both lines are listed.
func TestImportOfContradictions(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	lines := []struct {
		first, second string // consent and date
		want          whatsapp.Consent
	}{
		{"yes,2026-01-01", "no,2026-05-01", whatsapp.OptedOut},
		{"no,2026-05-01", "yes,2026-01-01", whatsapp.OptedOut},
		{"no,2026-01-01", "yes,2026-05-01", whatsapp.OptedIn},
		{"yes,2026-05-01", "no,2026-01-01", whatsapp.OptedIn},
		{"yes,2026-05-01", "no,2026-05-01", whatsapp.OptedOut},
		{"no,", "yes,2026-05-01", whatsapp.OptedOut},
		{"yes,2026-05-01", "Abgemeldet,", whatsapp.OptedOut},
		{"yes,", "no,2020-01-01", whatsapp.OptedOut},
		{"yes,2026-05-01T10:00:00Z", "no,2026-05-01", whatsapp.OptedOut},
		{"yes,2026-05-01T10:00:00Z", "no,2026-05-01T09:00:00Z", whatsapp.OptedIn},
		{"yes,2026-05-01", "no,nonsense", whatsapp.OptedOut},
		{"no,nonsense", "yes,2026-05-01", whatsapp.OptedOut},
		{"yes,2026-01-01", "yes,2026-05-01", whatsapp.OptedIn},
		{"unknown,", "no,2026-01-01", whatsapp.OptedOut},
	}
	var b strings.Builder
	b.WriteString("phone,name,consent,consent_at\n")
	number := func(n int) string { return fmt.Sprintf("+4915112%02d37%02d", 97*n%89, n) }
	for n, l := range lines {
		fmt.Fprintf(&b, "%s,First %d,%s\n%s,Second %d,%s\n", number(n), n, l.first, strings.Replace(number(n), "+49", "0049 ", 1), n, l.second)
	}
	path := otto.importing("twice.csv", []byte(b.String()))
	k := otto.dryRun(path, withProof)
	if k.New != int64(len(lines)) || k.OptOuts != 10 || k.OptIns != 4 {
		t.Errorf("%+v", k)
	}
	page := otto.get(path).Text()
	for _, want := range []string{"The same number stands in line 2. This line's opt-out of 2026-05-01 counts.", "Line 3 has the same number. The opt-out of 2026-05-01 there counts.",
		"The same number stands in line 4. The opt-out of 2026-05-01 there counts."} {
		if !strings.Contains(page, want) {
			t.Errorf("the dry run does not say %q: %s", want, page)
		}
	}
	otto.start(path)
	for n, l := range lines {
		c := a.contactAt(number(n))
		if c.Consent != l.want {
			t.Errorf("%q, %q: %s", l.first, l.second, c.Consent)
		}
		e := a.consents(number(n))[0]
		if l.want == whatsapp.OptedOut && (e.Source != whatsapp.SourceImport || !strings.Contains(e.Proof, "of the file twice.csv says") || e.Wording != "") {
			t.Errorf("%q, %q: the record says %+v", l.first, l.second, e)
		}
		if l.want == whatsapp.OptedIn && e.Wording == "" {
			t.Errorf("%q, %q: %+v", l.first, l.second, e)
		}
	}
	if c := a.contactAt(number(11)); c.Name != "Second 11" {
		t.Errorf("the line that is right gives the name: %q", c.Name)
	}
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v %v", problems, err)
	}
}

// An opt-out takes effect and is listed even if the rest of its row is invalid, and even if no opt-in is chosen for the
// file; an opt-out whose number can't be read is listed first.
func TestImportOfOptOutsInBadRows(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.as("ada").post("/settings/fields", url.Values{"label": {"Plan"}, "kind": {"choice"}, "choices": {"Gold\nSilver"}})
	a.customers("+4915100000001", "+4915100000002", "+4915100000003")
	file := "phone,name,language,Plan,consent,consent_at\n" +
		"+4915100000001,One,klingon,,Abgemeldet,\n" +
		"+4915100000002,Two,,Bronze,unsubscribed,2026-01-01\n" +
		"+4915100000003,Three,,,nein,the day before\n" +
		"+4915100000004,Four,klingon,,baja,\n" +
		"12,Mrs Five,,,no,\n" +
		",Mr Six,,,opted out,\n" +
		"+4915100000007,Seven,klingon,,yes,\n" +
		"+4915100000008,Eight,,,hm,\n"
	path := otto.importing("gone.csv", []byte(file))
	k := otto.dryRun(path, url.Values{"consent": {"none"}})
	if k.OptOuts != 3 || k.OptOutsOnly != 4 || k.KeptIn != 1 || k.Unread != 2 || k.Refused != 3 || k.OptIns != 0 {
		t.Errorf("%+v", k)
	}
	page := otto.get(path)
	for _, want := range []string{"2 opt-outs in the file can't be recorded", "Line 6: 12", "Line 7: Mr Six", "Opt-out recorded, rest refused: This is not a language", "Opt-out recorded, rest refused: Plan must be one of",
		"Opt-out recorded, rest refused: This is not a date", "3 refused, 4 of which only the opt-out counts", "This is neither yes nor no"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the page does not say %q: %s", want, page.Text())
		}
	}
	otto.start(path)
	for _, phone := range []string{"+4915100000001", "+4915100000003", "+4915100000004"} {
		if c := a.contactAt(phone); c.Consent != whatsapp.OptedOut || c.Name == "One" || c.Name == "Four" {
			t.Errorf("%s: %s %q", phone, c.Consent, c.Name)
		}
	}
	if c := a.contactAt("+4915100000008"); c.Consent != whatsapp.ConsentNone || c.Name != "Eight" {
		t.Errorf("an unknown word: %+v", c)
	}
	if r := otto.get(path + "/refused.csv"); !strings.Contains(r.Body, "Opt-out recorded") || !strings.Contains(r.Body, "record it by hand") {
		t.Errorf("the report: %s", r.Body)
	}
}

// The date decides: a contact who opted in at Parley after the day of the file's opt-out stays opted in; an opt-out of
// the same day, or without a date, counts.
func TestImportOfOlderOptOuts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers("+4915100000001", "+4915100000002", "+4915100000003", "+4915100000004")
	a.exec("UPDATE contacts SET consent_at = '2026-05-01 14:00Z'")
	file := "phone,unsubscribed\n+4915100000001,2026-04-30\n+4915100000002,2026-05-01\n+4915100000003,yes\n+4915100000004,2026-05-02\n"
	path := otto.importing("older.csv", []byte(file))
	if k := otto.dryRun(path, nil); k.KeptIn != 1 || k.OptOuts != 3 {
		t.Errorf("%+v", k)
	}
	if text := otto.get(path).Text(); !strings.Contains(text, "The person opted in on 2026-05-01, after the opt-out of 2026-04-30 in the file, and stays opted in.") {
		t.Errorf("%s", text)
	}
	otto.start(path)
	for phone, want := range map[string]whatsapp.Consent{"+4915100000001": whatsapp.OptedIn, "+4915100000002": whatsapp.OptedOut, "+4915100000003": whatsapp.OptedOut, "+4915100000004": whatsapp.OptedOut} {
		if got := a.contactAt(phone).Consent; got != want {
			t.Errorf("%s: %s", phone, got)
		}
	}
}

// Undoing an import does not opt anybody in whom it opted out, and the next file can't opt them in either.
func TestUndoKeepsOptOuts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers("+4915100000001")
	path := otto.importing("gone.csv", []byte("phone,name,consent\n+4915100000001,One,no\n+4915100000002,Two,no\n+4915100000003,Three,\n"))
	otto.dryRun(path, url.Values{"consent": {"none"}})
	otto.start(path)
	if r := otto.post(path+"/undo", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if i := otto.ended(path, imports.ImportUndone); i.Counts.Removed != 1 || i.Counts.Withdrawn != 0 {
		t.Errorf("%+v", i.Counts)
	}
	if c := a.contactAt("+4915100000002"); c.Name != "" || c.ImportID != nil {
		t.Errorf("what is left: %+v", c)
	}
	again := otto.importing("again.csv", []byte("phone,consent\n+4915100000001,yes\n+4915100000002,yes\n+4915100000003,yes\n"))
	if k := otto.dryRun(again, withProof); k.KeptOut != 2 || k.OptIns != 1 {
		t.Errorf("%+v", k)
	}
	otto.start(again)
	for phone, want := range map[string]whatsapp.Consent{"+4915100000001": whatsapp.OptedOut, "+4915100000002": whatsapp.OptedOut, "+4915100000003": whatsapp.OptedIn} {
		if got := a.contactAt(phone).Consent; got != want {
			t.Errorf("%s: %s", phone, got)
		}
	}
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v %v", problems, err)
	}
}
