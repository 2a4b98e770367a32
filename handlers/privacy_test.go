package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/whatsapp"
)

// Erasing a person deletes their content, and keeps them opted out when they write again or an import contains them.
func TestErasure(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	const noor = "+4915111111111"
	a.customers(noor)
	c := a.contactAt(noor)
	a.Sim.Write(noor, clinic, writes("my secret illness"))
	a.conversation(noor, 2)
	twice := otto.importing("twice.csv", []byte("phone\n"+noor+"\n"+noor+"\n")) // a waiting import has the number too
	otto.dryRun(twice, nil)
	export := ada.get("/contacts/" + c.PublicID + "/subject-access.json")
	if export.Status != http.StatusOK || !strings.Contains(export.Body, "my secret illness") || !strings.Contains(export.Body, noor) {
		t.Fatalf("the export: %s", export.Body)
	}
	if r := ada.post("/contacts/"+c.PublicID+"/erase", url.Values{"confirm": {"yes"}}); r.Problem("confirm") == "" {
		t.Errorf("unconfirmed: %d", r.Status)
	}
	if r := otto.post("/contacts/"+c.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != http.StatusForbidden {
		t.Errorf("an operator erases: %d", r.Status)
	}
	if r := ada.post("/contacts/"+c.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	for _, secret := range []string{"my secret illness", noor, strings.TrimPrefix(noor, "+"), "Customer 1", "form 1"} {
		if where := a.findText(secret); where != "" {
			t.Errorf("%q is still in %s", secret, where)
		}
	}
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v %v", problems, err)
	}
	path := otto.importing("again.csv", []byte("phone\n"+noor+"\n"))
	if k := otto.dryRun(path, url.Values{"consent": {"all"}, "source": {"paper"}, "proof": {"x"}, "wording": {"y"}}); k.New != 0 || k.Refused != 1 {
		t.Errorf("an import brings an erased person back: %+v", k)
	}
	otto.post("/contacts", url.Values{"phone": {noor}})
	if got := a.contactAt(noor); got.Consent != whatsapp.OptedOut {
		t.Errorf("added by hand: %s", got.Consent)
	}
	a.Sim.Write(noor, clinic, writes("START"))
	a.eventually("they may come back themselves", func() bool { return a.contactAt(noor).Consent == whatsapp.OptedIn })
}

// Erasure also removes a number to check from imported files: both a refused line and a confirmed one.
func TestErasureOfADoubtfulNumber(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	const doubtful, other = "+49123456789", "+49123456788"
	file := []byte("phone\n" + doubtful + "\n" + other + "\n")
	listed := otto.importing("listed.csv", file)
	if k := otto.dryRun(listed, nil); k.Doubtful != 2 {
		t.Fatalf("%+v", k)
	}
	confirmed := otto.importing("confirmed.csv", file)
	otto.dryRun(confirmed, nil)
	otto.post(confirmed+"/confirm", url.Values{"number": {doubtful, other}, "do": {"ticked"}})
	if k := otto.ended(confirmed, imports.ImportChecked).Counts; k.New != 2 {
		t.Fatalf("%+v", k)
	}
	otto.start(confirmed)
	if where := a.findText(doubtful); where == "" {
		t.Fatal("the number stands nowhere")
	}
	c := a.contactAt(doubtful)
	if r := ada.post("/contacts/"+c.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	if where := a.findText(doubtful); where != "" {
		t.Errorf("the number is still in %s", where)
	}
	if n := a.number("SELECT count(*) FROM imports WHERE options->'confirmed' = jsonb_build_array(CAST($1 AS text))", other); n != 1 {
		t.Error("the other number is not confirmed any more")
	}
}

// Retention first shows what it would delete, and then deletes exactly that.
func TestRetention(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	a.customers("+4915111111111")
	c := a.conversation("+4915111111111", 1)
	a.exec("UPDATE messages SET created_at = now() - interval '13 months'")
	r := ada.post("/settings/privacy", url.Values{"message_months": {"12"}, "media_months": {"0"}, "do": {"preview"}})
	if !strings.Contains(r.Doc().Find("[data-testid=retention-preview]").Text(), "1 messages") || a.thread(c)[0].Body == "" {
		t.Fatalf("the dry run: %s", r.Text())
	}
	if r := ada.post("/settings/privacy", url.Values{"message_months": {"-1"}, "media_months": {"x"}}); r.Problem("message_months") == "" || r.Problem("media_months") == "" {
		t.Errorf("bad periods: %s", r.Text())
	}
	ada.post("/settings/privacy", url.Values{"message_months": {"12"}, "media_months": {"0"}, "do": {"save"}})
	if err := a.People.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := a.thread(c)[0]; m.Body != "" || m.ErasedAt == nil {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(ada.get("/inbox/"+c.PublicID).Text(), "The content was removed") {
		t.Error("the thread does not say so")
	}
}

// A user who may not see full numbers sees none, on any page, in any export.
func TestMaskedNumbers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana, ada := a.as("ana"), a.as("ada")
	a.Sim.AddCustomer("+4915123456789", "")
	a.Sim.Write("+4915123456789", clinic, writes("hi"))
	c := a.conversation("+4915123456789", 1)
	pages := []string{"/", "/inbox", "/inbox/" + c.PublicID, "/contacts", "/contacts/" + c.Contact.PublicID, "/contacts/" + c.Contact.PublicID + "/consent"}
	shows := func(v *visitor) (out []string) {
		for _, p := range pages {
			text := strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(v.get(p).Body)
			if strings.Contains(text, "15123456789") {
				out = append(out, p)
			}
		}
		return out
	}
	if len(shows(ana)) == 0 {
		t.Fatal("nobody sees numbers")
	}
	ada.post("/settings/privacy", url.Values{"message_months": {"0"}, "media_months": {"0"}, "masked": {"agent"}, "do": {"save"}})
	if got := shows(ana); len(got) > 0 {
		t.Errorf("whole numbers on %v", got)
	}
	if got := shows(ada); len(got) == 0 {
		t.Error("an admin sees masked numbers")
	}
	if ana.get("/contacts?q=1512345").Doc().Find("[data-testid=contact-row]").Length() != 0 || ana.get("/contacts?q=%2B4915123456789").Doc().Find("[data-testid=contact-row]").Length() != 1 {
		t.Error("a masked number can be found out piece by piece, or not at all")
	}
}

// findText searches every column of every table and returns where a text is stored, empty if nowhere.
func (a *app) findText(text string) string {
	a.t.Helper()
	rows, err := modelstest.PoolOf(a.Store).Query(a.t.Context(), `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name <> 'goose_db_version'
		AND table_name NOT LIKE 'simulator%' AND is_generated = 'NEVER'`)
	if err != nil {
		a.t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var t, c string
		if err := rows.Scan(&t, &c); err != nil {
			a.t.Fatal(err)
		}
		columns = append(columns, [2]string{t, c})
	}
	if rows.Err() != nil || len(columns) < 100 {
		a.t.Fatal(len(columns), rows.Err())
	}
	for _, c := range columns {
		var n int
		if err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), `SELECT count(*) FROM "`+c[0]+`" WHERE CAST("`+c[1]+`" AS text) LIKE '%' || $1 || '%'`, text).Scan(&n); err != nil {
			a.t.Fatal(err)
		}
		if n > 0 {
			return c[0] + "." + c[1]
		}
	}
	return ""
}
