package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parley/models/people/imports"
	"parley/models/people/segments"
	"parley/simulator"
)

// A number is parsed as a whole text before its digits are joined, in the contact form as everywhere; a text that is
// not one number is refused with its reason, and a number to check is accepted only after a confirmation.
func TestNumberOfAContact(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	for typed, want := range map[string]string{
		"+4915112350109.0": "+4915112350109", "\u202a+49 (0) 151 12350110\u202c": "+4915112350110", "https://wa.me/4915112350111": "+4915112350111",
		"whatsapp:+4915112350112": "+4915112350112", "＋４９１５１１２３５０１１３": "+4915112350113",
	} {
		if r := otto.post("/contacts", url.Values{"phone": {typed}}); r.Status != http.StatusSeeOther {
			t.Errorf("%q: %d %s", typed, r.Status, r.Problem("phone"))
			continue
		}
		a.contactAt(want)
	}
	for typed, why := range map[string]string{
		"+49 151 12350120 / +49 151 12350121": "two numbers", "+4915112350120.5": "decimal point", "4.915.112.350.120": "in threes",
		"4.91511E+12": "rounded", "2026-12-01": "date", "015112350120": "Start the number with +", "+4915112350120 ext 4": "extension",
	} {
		if r := otto.post("/contacts", url.Values{"phone": {typed}, "name": {"Kept"}}); r.Status != 422 || !strings.Contains(r.Problem("phone"), why) || !strings.Contains(r.Body, "Kept") {
			t.Errorf("%q: %d %q", typed, r.Status, r.Problem("phone"))
		}
	}
	form := url.Values{"phone": {"+49 123 456789"}}
	r := otto.post("/contacts", form)
	tick := r.Doc().Find("[data-testid=phone-confirm] input")
	if r.Status != 422 || r.Problem("phone") == "" || tick.AttrOr("value", "") != "+49123456789" {
		t.Fatalf("a doubtful number: %d %s", r.Status, r.Text())
	}
	if r := otto.post("/contacts", with(form, "phone_confirmed", "+49123456780")); r.Status != 422 {
		t.Errorf("another number was confirmed: %d", r.Status)
	}
	if r := otto.post("/contacts", with(form, "phone_confirmed", "+49123456789")); r.Status != http.StatusSeeOther {
		t.Errorf("confirmed: %d %s", r.Status, r.Text())
	}
	a.contactAt("+49123456789")
}

// messyNumbers is a file as spreadsheets write it; in a workbook the second number is a numeric cell.
var messyNumbers = [][]any{
	{"Telefon", "Name"}, {"+4915112350109.0", "Decimal"}, {"4915112350108.0", "Without plus"}, {"'+4915112350107", "Apostrophe"},
	{"+49\u200b151\u00a012350106", "Invisible"}, {"p:+4915112350105", "Prefix"}, {"TEL;TYPE=CELL:+4915112350104", "Card"},
	{"4.915.112.350.115", "Grouped"}, {"+4915112350103 / +4915112350102", "Two"}, {"4.91511E+12", "Rounded"}, {"+49123456789", "Doubtful"},
	{"030 123456 ext. 7", "Extension"},
}

func TestNumbersOfAFile(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	var text strings.Builder
	book := excelize.NewFile()
	for i, row := range messyNumbers {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = book.SetSheetRow("Sheet1", cell, &row)
		}
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(`"` + row[0].(string) + `";` + row[1].(string) + "\n")
	}
	if err := book.SetCellValue("Sheet1", "A3", 4915112350108.0); err != nil {
		t.Fatal(err)
	}
	xlsx, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a.csv": []byte(text.String()), "b.xlsx": xlsx.Bytes()} {
		path := otto.importing(name, content)
		k := otto.dryRun(path, url.Values{"country": {"DE"}})
		if k.New+k.Same != 6 || k.Refused != 5 || k.Doubtful != 1 {
			t.Errorf("%s: %+v %s", name, k, otto.get(path).Text())
		}
		page := otto.get(path)
		for _, why := range []string{"in threes", "two numbers", "rounded", "extension", "not known to use such numbers"} {
			if !strings.Contains(page.Text(), why) {
				t.Errorf("%s does not say %q", name, why)
			}
		}
		otto.start(path)
	}
	for _, n := range []string{"+4915112350109", "+4915112350108", "+4915112350107", "+4915112350106", "+4915112350105", "+4915112350104"} {
		a.contactAt(n)
	}
	// A number to check is accepted once somebody confirms it; afterwards, a file with the same number asks no more.
	path := otto.importing("again.csv", []byte(text.String()))
	otto.dryRun(path, url.Values{"country": {"DE"}})
	if r := otto.post(path+"/confirm", nil); r.Status != 422 || r.Problem("number") == "" {
		t.Errorf("nothing ticked: %d %s", r.Status, r.Text())
	}
	number := otto.get(path).Doc().Find("[data-testid=doubtful-number] input").AttrOr("value", "")
	if r := otto.post(path+"/confirm", url.Values{"number": {number}, "do": {"ticked"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("confirm: %d %s", r.Status, r.Text())
	}
	if k := otto.ended(path, imports.ImportChecked).Counts; k.New != 1 || k.Doubtful != 0 || k.Refused != 4 {
		t.Errorf("confirmed: %+v", k)
	}
	otto.start(path)
	a.contactAt("+49123456789")
	if k := otto.dryRun(otto.importing("third.csv", []byte(text.String())), url.Values{"country": {"DE"}}); k.Same != 7 || k.Doubtful != 0 {
		t.Errorf("a number that a contact has: %+v", k)
	}
}

// Opt-in pages ask for the confirmation of a number to check; programs get a code for each reason, and confirm such a
// number themselves. An opt-out counts in any case.
func TestNumbersOfOptins(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, stranger := a.as("ada"), a.as("")
	form := url.Values{"name": {"Shop"}, "slug": {"shop"}, "business": {"Shop"}, "headline": {"News"}, "wording": {"Shop may write to me on WhatsApp."},
		"color": {"green"}, "sender": {a.sender(false).PublicID}, "keyword": {"JOIN"}}
	where := ada.post("/contacts/optins", form).Header.Get("Location")
	key := strings.TrimSpace(ada.post(where+"/key", nil).Doc().Find("[data-testid=api-key]").Text())
	typed := url.Values{"phone": {"+49 123 456789"}, "agreed": {"1"}}
	if r := stranger.post("/join/shop", typed); r.Status != 422 || r.Doc().Find("[data-testid=phone-confirm]").Length() != 1 {
		t.Errorf("a doubtful number on the page: %d %s", r.Status, r.Text())
	}
	if r := stranger.post("/join/shop", with(typed, "phone_confirmed", "+49123456789")); r.Doc().Find("[data-testid=optin-done]").Length() != 1 {
		t.Errorf("confirmed: %d %s", r.Status, r.Text())
	}
	call := func(body string) (int, map[string]any) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/opt-ins", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		r, out := stranger.send(req), map[string]any{}
		if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
			t.Fatal(r.Body)
		}
		return r.Status, out
	}
	for body, code := range map[string]string{
		`{"proof": "x", "phone": "+49123456788"}`:                                 "phone_not_confirmed",
		`{"proof": "x", "phone": "+4915112350109 / +4915112350108"}`:              "phone_two_numbers",
		`{"proof": "x", "phone": "4915112350199"}`:                                "phone_not_confirmed",
		`{"proof": "x", "phone": "015112350109"}`:                                 "phone_no_country",
		`{"proof": "x", "phone": ""}`:                                             "phone_empty",
		`{"proof": "x", "phone": "+4915112350109.0"}`:                             "",
		`{"proof": "x", "phone": "+49123456789"}`:                                 "", // a contact has it
		`{"proof": "x", "phone": "+49123456787", "phone_confirmed": true}`:        "",
		`{"proof": "x", "phone": "+49123456786", "consent": "opted_out"}`:         "",
		`{"proof": "x", "phone": "\u202a+49 151 1235 0110\u202c"}`:                "",
		`{"proof": "x", "phone": "https://api.whatsapp.com/send?phone=49151123"}`: "phone_not_confirmed",
	} {
		status, out := call(body)
		if got, _ := out["code"].(string); got != code || (status == 422) != (code != "") || status >= 300 && status != 422 {
			t.Errorf("%s: %d %v", body, status, out)
		}
	}
	a.contactAt("+4915112350109")
}

func TestNumbersOfTheNotifyAPI(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order is ready for you.", "Name", "Noor")
	phones := a.crowd(1)
	key := ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	call := func(to, sender, id string) (int, map[string]any) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"to": to, "sender": sender, "template": "order_ready", "values": map[string]string{"Name": "Noor"}})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/notifications/send", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Idempotency-Key", id)
		r, out := a.as("").send(req), map[string]any{}
		if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
			t.Fatal(r.Body)
		}
		return r.Status, out
	}
	for to, code := range map[string]string{
		phones[0] + " / " + phones[0]: "phone_two_numbers", phones[0] + ".5": "phone_decimal", "+49123456789": "phone_not_confirmed", "12": "phone_too_short",
	} {
		if status, out := call(to, simulator.BusinessPhone, "bad "+code); status != 422 || out["code"] != code || out["field"] != "to" {
			t.Errorf("%q: %d %v", to, status, out)
		}
	}
	if status, out := call(phones[0]+".0", "whatsapp:"+simulator.BusinessPhone, "good"); status != 201 || out["to"] != phones[0] {
		t.Errorf("%d %v", status, out)
	}
}

// Searches find people by a number in any notation, and other texts with digits as they are typed.
func TestSearchByNumber(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	ada.post("/settings/fields", url.Values{"label": {"Order"}, "kind": {"text"}})
	path := otto.importing("x.csv", []byte("phone,name,Order\n+4915112350109,Ada,4711-0815\n+4915112350110,Ben,2026-12-01\n"))
	otto.dryRun(path, nil)
	otto.start(path)
	for q, want := range map[string]string{
		"0151 1235 0109": "Ada", "\u202a+49\u00a0151\u202f12350109\u202c": "Ada", "+49 (0) 151 12350109": "Ada", "tel:+4915112350109": "Ada",
		"+4915112350109.0": "Ada", "٤٩١٥١١٢٣٥٠١٠٩": "Ada", "https://wa.me/4915112350109": "Ada", "4711-0815": "Ada", "2026-12-01": "Ben", "2026-12": "Ben",
	} {
		page, err := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Query: q, Limit: 5})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Name != want {
			t.Errorf("%q finds %d: %v", q, len(page.Rows), err)
		}
	}
}

// A list's columns are shown before the list is used: the title says which one has the numbers, the user can choose
// another column and the country, and neither a pasted list nor a file is lost meanwhile.
func TestColumnsOfAList(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(4) // +4915110000000 …
	list := "Emergency contact,Phone,Name\n" + phones[3] + ",whatsapp:" + phones[0] + ",Ada\n" + phones[3] + ",'" + phones[1] + ",Ben\n" +
		phones[3] + "," + phones[2][1:] + ",Cleo\n" + phones[3] + ",4.915.110.000.009,Dora\n"
	base := func(token string) url.Values {
		return with(a.base(v, token), "audience", "list", "value-1", "Name", "from-1", "column")
	}
	count := func() int { return a.number("SELECT count(*) FROM notifications") }
	// As the page sends it: with the field that says which list was seen.
	form := with(base("page"), "list", list, "list_seen", "", "list_country", "DE")
	r := otto.post("/notifications", form)
	shown := r.Doc().Find("[data-testid=list-columns]")
	chosen := shown.Find("[name=list_column][checked]").AttrOr("value", "")
	if r.Status != 422 || chosen != "1" || shown.Find("tbody tr").Length() != 4 || count() != 0 {
		t.Fatalf("%d, column %q: %s", r.Status, chosen, r.Text())
	}
	if bad := shown.Find("[data-testid=list-problems] li").Text(); !strings.Contains(bad, "Line 5") || !strings.Contains(bad, "4.915.110.000.009") || !strings.Contains(bad, "in threes") {
		t.Errorf("what can't be read: %q", bad)
	}
	if text := r.Doc().Find("[name=list]").Text(); strings.TrimSpace(text) != strings.TrimSpace(list) {
		t.Errorf("the pasted list is lost: %q", text)
	}
	seen := shown.Find("[name=list_seen]").AttrOr("value", "")
	form = with(form, "list_seen", seen, "list_column", "1", "list_header", "1")
	page := a.checked(otto, form)
	if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != "3" {
		t.Errorf("%s get it, want 3", got)
	}
	bad := otto.get(page + "?state=excluded&reason=bad_number")
	if text := bad.Text(); !strings.Contains(text, "Line 5: The digits are grouped in threes") || !strings.Contains(text, "numbers from the column “Phone”") {
		t.Errorf("the list of bad numbers: %s", text)
	}
	if text := otto.get(page + "/recipients.csv").Body; !strings.Contains(text, "grouped in threes") {
		t.Errorf("the export: %s", text)
	}
	// Another column; then another list, for which nothing has been chosen yet.
	form.Set("token", "other")
	page = a.checked(otto, with(form, "list_column", "0", "value-1", "Ada", "from-1", "fixed"))
	if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != "1" {
		t.Errorf("from the emergency contacts: %s", got)
	}
	r = otto.post("/notifications", with(form, "token", "changed", "list", "Name,Phone\nAda,"+phones[0]+"\n"))
	if got := r.Doc().Find("[name=list_column][checked]").AttrOr("value", ""); r.Status != 422 || got != "1" {
		t.Errorf("a changed list: %d, column %q", r.Status, got)
	}
	if r := otto.post("/notifications", with(form, "token", "again", "do", "columns", "list_column", "0")); r.Status != 422 ||
		r.Doc().Find("[name=list_column][checked]").AttrOr("value", "") != "0" {
		t.Errorf("read again: %d %s", r.Status, r.Text())
	}
}

// A list that is not sent by the page's form is accepted at once if a title says which column has the numbers.
func TestListsThatNeedNoLook(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(3)
	base := func(token string) url.Values {
		return with(a.base(v, token), "audience", "list", "value-1", "you", "list_country", "DE")
	}
	for token, c := range map[string]struct{ list, allowed string }{
		"emergency": {"Emergency contact,Phone,Name\n" + phones[2] + "," + phones[0] + ",Ada\n" + phones[2] + "," + phones[1] + ",Ben\n", "2"},
		"date":      {"Date,Phone,Name\n2026-12-01," + phones[0] + ",Ada\n2026-12-01," + phones[1] + ",Ben\n", "2"},
		"plain":     {phones[0] + "\n0" + phones[1][3:] + "\n", "2"},
		"page":      {phones[0] + "\n" + phones[1] + ".0\n", "2"},
	} {
		form := with(base(token), "list", c.list)
		if token == "page" { // the page has no question about a list of numbers only
			form.Set("list_seen", "")
		}
		page := a.checked(otto, form)
		if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != c.allowed {
			t.Errorf("%s: %s get it, want %s", token, got, c.allowed)
		}
	}
	for what, list := range map[string]string{
		"no title":        "Ada," + phones[0] + "\nBen," + phones[1] + "\n",
		"two titles":      "Phone,Mobile\n" + phones[0] + "," + phones[1] + "\n",
		"another's title": "Who,Callback\nAda," + phones[0] + "\n",
	} {
		if r := otto.post("/notifications", with(base(what), "list", list)); r.Status != 422 || r.Doc().Find("[data-testid=list-columns]").Length() != 1 {
			t.Errorf("%s: %d %s", what, r.Status, r.Problem("list"))
		}
	}
	if r := otto.post("/notifications", with(base("x"), "list", phones[0], "list_country", "XX")); r.Status != 422 || r.Problem("list_country") == "" {
		t.Errorf("no country: %d %s", r.Status, r.Text())
	}
}

// An uploaded list is stored while its columns are chosen, for its uploader only, and deleted afterwards.
func TestUploadedListIsKept(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(2)
	content := []byte("Ada;" + phones[0] + "\nBen;" + strings.Replace(phones[1], "+49", "0", 1) + "\n")
	form := with(a.base(v, "file"), "audience", "list", "value-1", "you", "list_seen", "")
	var pairs []string
	for k := range form {
		pairs = append(pairs, k, form.Get(k))
	}
	r := otto.uploadFile("/notifications", "guests.csv", content, pairs...)
	shown := r.Doc().Find("[data-testid=list-columns]")
	if r.Status != 422 || shown.Find("[name=list_column][checked]").AttrOr("value", "") != "1" || !strings.Contains(shown.Text(), "guests.csv") {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	for _, name := range []string{"list_seen", "list_kept", "list_column"} {
		form.Set(name, shown.Find("[name="+name+"]").AttrOr("value", ""))
	}
	form.Set("list_column", "1")
	form.Set("list_country", "DE")
	if r := ada.post("/notifications", form); r.Status != 422 || !strings.Contains(r.Problem("list"), "upload it again") {
		t.Errorf("somebody else's file: %d %s", r.Status, r.Text())
	}
	if part := otto.get("/notifications/new?" + form.Encode()); part.Doc().Find("[name=list_column][checked]").AttrOr("value", "") != "1" {
		t.Error("the list is lost when a template is chosen")
	}
	page := a.checked(otto, form)
	if got := otto.get(page).Doc().Find("[data-testid=allowed]").Text(); got != "2" {
		t.Errorf("%s get it", got)
	}
	if n := a.number("SELECT count(*) FROM kept_lists"); n != 0 {
		t.Errorf("%d files are still kept", n)
	}
}
