package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
	"parley/simulator"
)

func writes(text string) simulator.Outgoing { return simulator.Outgoing{Body: text} }

const clinic = simulator.BusinessPhone

// Keywords in several languages opt out and in, and are answered in the session; a message that merely contains
// one is offered to the agent.
func TestKeywords(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	const noor = "+4915111111111"
	a.customers(noor)
	said := func(text string, n int) *models.Conversation {
		t.Helper()
		a.Sim.Write(noor, clinic, writes(text))
		return a.conversation(noor, n)
	}
	c := said("  Abmelden!! ", 3) // with the answer
	if c.Contact.Consent != whatsapp.OptedOut {
		t.Fatalf("Abmelden: %s", c.Contact.Consent)
	}
	a.eventually("the answer arrives", func() bool {
		for _, m := range a.Sim.Messages(noor) {
			if strings.Contains(m.Body, "keine weiteren Benachrichtigungen") && m.Status == "delivered" {
				return true
			}
		}
		return false
	})
	said("stop", 4) // once more says nothing new, and is answered once in an hour only for its own word
	if c = said("START", 6); c.Contact.Consent != whatsapp.OptedIn {
		t.Errorf("START: %s", c.Contact.Consent)
	}
	c = said("Please don't stop now, it's great", 7)
	hint := ana.get("/inbox/" + c.PublicID).Doc().Find("[data-testid=opt-out-hint]")
	if c.Contact.Consent != whatsapp.OptedIn || hint.Length() != 1 {
		t.Fatalf("a message that contains the word: %s, %d hints", c.Contact.Consent, hint.Length())
	}
	if r := ana.post(hint.AttrOr("action", ""), url.Values{"do": {"dismiss"}}); r.Status != http.StatusSeeOther {
		t.Errorf("dismiss: %d", r.Status)
	}
	c = said("hör auf, bitte abmelden", 8)
	hint = ana.get("/inbox/" + c.PublicID).Doc().Find("[data-testid=opt-out-hint]")
	if hint.Length() != 1 {
		t.Fatalf("%d hints", hint.Length())
	}
	ana.post(hint.AttrOr("action", ""), url.Values{"do": {"record"}})
	if c = said("ok", 9); c.Contact.Consent != whatsapp.OptedOut {
		t.Error("the agent's reading was not recorded")
	}
	// The lists can be edited, but not made to contradict themselves.
	ada := a.as("ada")
	form := url.Values{"words-stop": {"stop, genug"}, "words-start": {"start, genug"}, "words-help": {"help"}, "replies": {"1"}}
	if r := ada.post("/settings/keywords", form); r.Status != http.StatusUnprocessableEntity || r.Problem("words-start") == "" {
		t.Errorf("one word with two meanings: %d", r.Status)
	}
	form.Set("words-start", "los gehts")
	form.Set("reply-start-en", "Welcome to {{business}}")
	if r := ada.post("/settings/keywords", form); r.Status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", r.Status, r.Text())
	}
	if c = said("Los   gehts", 10); c.Contact.Consent != whatsapp.OptedIn {
		t.Errorf("a new word: %s", c.Contact.Consent)
	}
	if k, _ := a.Store.Keywords(t.Context()); k.Of("unsubscribe") != whatsapp.StopKeyword || k.Of("genug") != whatsapp.StopKeyword {
		t.Error("Twilio's own words were taken out")
	}
}

// An opt-in page: honest wording, a limit, a confirmation from the person's own phone, a link and a QR code.
func TestOptinPage(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, stranger := a.as("otto"), a.as("")
	form := url.Values{"name": {"Counter"}, "slug": {"counter"}, "business": {"Harbour Clinic"}, "headline": {"Reminders on WhatsApp"}, "wording": {"Yes, send me things."}, "color": {"blue"},
		"sender": {a.sender(false).PublicID}, "keyword": {"JOIN CLINIC"}, "reply": {"Welcome to {{business}}."}, "confirm": {"1"}, "version": {"0"}}
	if r := otto.post("/contacts/optins", form); r.Status != http.StatusUnprocessableEntity || r.Problem("wording") == "" {
		t.Fatalf("a wording that names nobody: %d %s", r.Status, r.Text())
	}
	form.Set("wording", "I agree to get reminders from Harbour Clinic on WhatsApp.")
	r := otto.post("/contacts/optins", form)
	if r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	admin := r.Header.Get("Location")
	if d := otto.get(admin).Doc(); d.Find("[data-testid=qr]").Length() == 0 || !strings.Contains(d.Text(), "https://wa.me/15550100200?text=JOIN%20CLINIC") {
		t.Errorf("no link or code: %s", d.Text())
	}
	page := stranger.get("/join/counter")
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "Harbour Clinic") || !strings.Contains(page.Text(), "write STOP") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	if r := stranger.post("/join/counter", url.Values{"phone": {"12"}}); r.Problem("phone") == "" || r.Problem("agreed") == "" {
		t.Errorf("a bad form: %s", r.Text())
	}
	const noor = "+4915111111111"
	if r := stranger.post("/join/counter", url.Values{"phone": {"+49 151 11111111"}, "name": {"Noor"}, "agreed": {"1"}}); r.Doc().Find("[data-testid=optin-confirm]").Length() != 1 {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	if p, _ := a.Store.Contacts(t.Context(), models.ContactFilter{Limit: 5}); len(p.Rows) != 0 {
		t.Error("a form alone made a contact")
	}
	a.Sim.AddCustomer(noor, "noor on wa")
	a.Sim.Write(noor, clinic, writes("Join clinic"))
	c := a.conversation(noor, 2)
	history, err := a.Store.ConsentHistory(t.Context(), c.ContactID)
	if err != nil || c.Contact.Consent != whatsapp.OptedIn || c.Contact.Name != "Noor" || history[0].Source != whatsapp.SourceWebForm || !strings.Contains(history[0].Wording, "Harbour Clinic") {
		t.Fatalf("%+v %+v %v", c.Contact, history, err)
	}
	// A form can't bring back who left, however the page is set.
	a.Sim.Write(noor, clinic, writes("STOP"))
	a.conversation(noor, 4)
	form.Del("confirm")
	form.Set("version", "1")
	if r := otto.post(admin, form); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	stranger.post("/join/counter", url.Values{"phone": {noor}, "agreed": {"1"}})
	if got := a.contactAt(noor); got.Consent != whatsapp.OptedOut {
		t.Errorf("a form revived an opt-out: %s", got.Consent)
	}
	if r := stranger.post("/join/counter", url.Values{"phone": {"+4915122222222"}, "agreed": {"1"}}); r.Doc().Find("[data-testid=optin-done]").Length() != 1 || a.contactAt("+4915122222222").Consent != whatsapp.OptedIn {
		t.Errorf("a form where it is enough: %s", r.Text())
	}
	limited := false
	for range 12 {
		limited = limited || stranger.post("/join/counter", url.Values{"phone": {"x"}}).Status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("no limit")
	}
	otto.post(admin+"/close", url.Values{"closed": {"1"}})
	if r := stranger.get("/join/counter"); r.Status != http.StatusNotFound || !strings.Contains(r.Text(), "not open") {
		t.Errorf("closed: %d", r.Status)
	}
}

// The business's own form tells opt-ins as JSON, with a key.
func TestOptinAPI(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, stranger := a.as("ada"), a.as("")
	form := url.Values{"name": {"Shop"}, "slug": {"shop"}, "business": {"Shop"}, "headline": {"News"}, "wording": {"Shop may write to me on WhatsApp."}, "color": {"green"}, "sender": {a.sender(false).PublicID}, "keyword": {"JOIN"}}
	where := ada.post("/contacts/optins", form).Header.Get("Location")
	key := strings.TrimSpace(ada.post(where+"/key", nil).Doc().Find("[data-testid=api-key]").Text())
	call := func(key, body string) (answer, map[string]any) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/opt-ins", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", "application/json")
		r := stranger.send(req)
		out := map[string]any{}
		if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
			t.Fatalf("no JSON: %s", r.Body)
		}
		return r, out
	}
	for body, want := range map[string]int{
		`{"phone": "+4915111111111", "proof": "form 1"}`:                                   201,
		`{"phone": "12", "proof": "x"}`:                                                    422,
		`{"phone": "+4915111111112"}`:                                                      422,
		`{"phone": "+4915111111112", "proof": "x", "consent": "maybe"}`:                    422,
		`{"phone": "+4915111111112", "proof": "x", "what": 1}`:                             400,
		`{"phone": "+4915111111112", "proof": "x", "occurred_at": "2090-01-01T00:00:00Z"}`: 422,
		`[]`: 400, ``: 400,
	} {
		if r, out := call(key, body); r.Status != want {
			t.Errorf("%s: %d %v", body, r.Status, out)
		}
	}
	if r, _ := call("parley_wrongwrongwrongwrong", `{}`); r.Status != 401 {
		t.Errorf("a wrong key: %d", r.Status)
	}
	if r, out := call(key, `{"phone": "+4915111111111", "proof": "form 1"}`); r.Status != 200 || out["changed"] != false {
		t.Errorf("twice: %d %v", r.Status, out)
	}
	call(key, `{"phone": "+4915111111111", "proof": "form 2", "consent": "opted_out"}`)
	if _, out := call(key, `{"phone": "+4915111111111", "proof": "form 1", "occurred_at": "2020-01-01T00:00:00Z"}`); out["consent"] != "opted_out" {
		t.Errorf("an older opt-in revives an opt-out: %v", out)
	}
}

// Filters combine, are saved as segments, and bulk actions work on them.
func TestSegments(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ana, ada := a.as("otto"), a.as("ana"), a.as("ada")
	ada.post("/settings/fields", url.Values{"label": {"Plan"}, "kind": {"choice"}, "choices": {"Gold\nSilver"}})
	path := otto.importing("list.csv", []byte("phone,name,language,plan,tags\n+4915100000001,Anna Müller,de,gold,VIP\n+33612345678,Bruno,fr,gold,VIP\n+4915100000003,Carla,de,silver,\n+4915100000004,Dmitri,de,gold,\n"))
	otto.dryRun(path, nil)
	otto.start(path)
	names := func(query string) string {
		t.Helper()
		var out []string
		for _, s := range ana.get("/contacts?" + query).Doc().Find("[data-testid=contact-row] a .truncate:first-child").EachIter() {
			out = append(out, s.Text())
		}
		return strings.Join(out, ", ")
	}
	tags, err := a.Store.Tags(t.Context())
	if err != nil || len(tags) != 1 {
		t.Fatal(tags, err)
	}
	vip := tags[0].PublicID
	for query, want := range map[string]string{
		"language=de": "Dmitri, Carla, Anna Müller", "language=de&field=plan:is:Gold": "Dmitri, Anna Müller", "language=de&field=plan:is:gold&tag=" + vip: "Anna Müller", "country=FR": "Bruno",
		"nottag=" + vip: "Dmitri, Carla", "q=vip": "Bruno, Anna Müller", "q=silver": "Carla", "q=mülle": "Anna Müller", "q=0000003": "Carla", "q=%2B49+151+000": "Dmitri, Carla, Anna Müller",
		"field=plan:not:Gold": "Carla", "field=nosuch:is:1": "", "field=plan:empty:": "", "seen=never&language=fr": "Bruno", "tag=nosuchtag": "", "q=%25": "", "q=0151+0000+0003": "Carla", "q=0033612345678": "Bruno", "q=_": "", "consent=opted_in": "",
	} {
		if got := names(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	r := otto.post("/contacts/segments", url.Values{"name": {"Gold in German"}, "filter": {"language=de&field=plan:is:Gold"}, "shared": {"1"}})
	if r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	segment := strings.TrimPrefix(r.Header.Get("Location"), "/contacts?")
	if got := names(segment); got != "Dmitri, Anna Müller" {
		t.Errorf("the segment: %q", got)
	}
	otto.post("/contacts/segments", url.Values{"name": {"My own"}, "filter": {"country=FR"}})
	if got := names(segment + "&q=anna"); got != "Anna Müller" {
		t.Errorf("a search within the segment: %q", got)
	}
	if n := ana.get("/contacts").Doc().Find("[data-testid=segment]").Length(); n != 1 {
		t.Errorf("somebody else sees %d segments", n)
	}
	if got := strings.TrimSpace(ana.get("/contacts/count?" + segment).Text()); got != "2 contacts" {
		t.Errorf("the count: %q", got)
	}
	// All of the segment, tagged and opted out by a job; the chosen ones at once.
	otto.post("/contacts/many", url.Values{"filter": {segment}, "all": {"1"}, "do": {"tag"}, "new_tag": {"Letter"}})
	a.eventually("they are tagged", func() bool { return names("q=letter") == "Dmitri, Anna Müller" })
	carla := a.contactAt("+4915100000003")
	if r := otto.post("/contacts/many", url.Values{"contact": {carla.PublicID}, "do": {"opt_out"}}); r.Status != http.StatusSeeOther || a.contactAt("+4915100000003").Consent == whatsapp.OptedOut {
		t.Error("an opt-out without a proof")
	}
	otto.post("/contacts/many", url.Values{"contact": {carla.PublicID}, "do": {"opt_out"}, "proof": {"Wrote a letter"}})
	if a.contactAt("+4915100000003").Consent != whatsapp.OptedOut {
		t.Error("not opted out")
	}
	if out := otto.post("/contacts/many", url.Values{"contact": {carla.PublicID}, "do": {"export-csv"}}); strings.Count(out.Body, "\n") != 2 || !strings.Contains(out.Body, "opted_out") {
		t.Errorf("the export of one: %s", out.Body)
	}
	if out := otto.get("/contacts/export?format=xlsx&language=de"); !strings.HasPrefix(out.Body, "PK") {
		t.Error("no workbook")
	}
}

// A contact's page edits in place; two contacts become one with both histories.
func TestProfileAndMerge(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	ada.post("/settings/fields", url.Values{"label": {"Born"}, "kind": {"date"}})
	ada.post("/settings/tags", url.Values{"name": {"VIP"}})
	a.customers("+4915111111111", "+4915122222222")
	one, two := a.contactAt("+4915111111111"), a.contactAt("+4915122222222")
	tags, _ := a.Store.Tags(t.Context())
	form := url.Values{"version": {"1"}, "name": {"Noor"}, "language": {"de"}, "time_zone": {"Mars/Olympus"}, "field-born": {"tomorrow"}, "tag": {tags[0].PublicID}}
	if r := otto.post("/contacts/"+one.PublicID, form); r.Problem("time_zone") == "" || r.Problem("field-born") == "" {
		t.Errorf("bad values: %d %s", r.Status, r.Text())
	}
	form.Set("time_zone", "Asia/Dubai")
	form.Set("field-born", "24.12.1990")
	if r := otto.post("/contacts/"+one.PublicID, form); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	if c := a.contactAt("Noor"); c.Fields["born"] != "1990-12-24" || len(c.Tags) != 1 || c.TimeZone != "Asia/Dubai" {
		t.Errorf("%+v", c)
	}
	otto.post("/contacts/"+two.PublicID+"/notes", url.Values{"note": {"Likes <b>tea</b>"}})
	if r := otto.uploadFile("/contacts/"+two.PublicID+"/consent", "form.pdf", []byte("%PDF-1.7 signed"), "kind", "opted_out", "source", "paper"); r.Status != http.StatusSeeOther {
		t.Fatalf("a file as the proof: %d %s", r.Status, r.Text())
	}
	if r := otto.post("/contacts/"+one.PublicID+"/merge", url.Values{"other": {two.PublicID}}); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	page := otto.get("/contacts/" + one.PublicID)
	if n := page.Doc().Find("[data-testid=consent-event]").Length(); n < 4 || !strings.Contains(page.Text(), "Likes <b>tea</b>") || !strings.Contains(page.Text(), "form.pdf, SHA-256") {
		t.Errorf("%d events: %s", n, page.Text())
	}
	merged := a.contactAt("Noor")
	if merged.Consent != whatsapp.OptedOut {
		t.Error("an opt-out was lost in the merge")
	}
	if !strings.Contains(otto.get("/contacts/"+two.PublicID).Text(), "was merged into another one") {
		t.Error("the old page does not lead on")
	}
	a.Sim.Write("+4915122222222", clinic, writes("me again"))
	a.eventually("the message comes to the one contact", func() bool {
		list, err := a.Store.ConversationsOf(t.Context(), merged.ID)
		return err == nil && len(list) == 1 && list[0].LastLine == "me again"
	})
	if _, problems, err := a.Store.VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// A person known by WhatsApp's id only is a contact, and merges when the number becomes known.
func TestUserIDsMerge(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	webhook := func(sid, from, userID, body string) {
		t.Helper()
		form := url.Values{"MessageSid": {sid}, "AccountSid": {account}, "From": {from}, "To": {"whatsapp:" + clinic}, "Body": {body}, "NumMedia": {"0"}, "ProfileName": {"Noor"}, "ExternalUserId": {userID}}
		if r := a.signed("/webhooks/twilio/messages", form); r.Status != http.StatusOK {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	sid := func(n string) string { return "SM" + strings.Repeat("0", 31) + n }
	webhook(sid("1"), "whatsapp:DE.abc123", "", "hello, hidden")
	webhook(sid("2"), "whatsapp:+4915111111111", "", "hello")
	webhook(sid("3"), "whatsapp:+4915111111111", "DE.abc123", "both")
	p, err := a.Store.Contacts(t.Context(), models.ContactFilter{Limit: 5})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].Phone == nil {
		t.Fatalf("%d contacts: %v", len(p.Rows), err)
	}
	list, err := a.Store.ConversationsOf(t.Context(), p.Rows[0].ID)
	if err != nil || len(list) != 1 || len(a.thread(&list[0])) != 3 {
		t.Fatalf("%d conversations: %v", len(list), err)
	}
	webhook(sid("4"), "whatsapp:DE.abc123", "", "again")
	if n := len(a.thread(&list[0])); n != 4 {
		t.Errorf("%d messages", n)
	}
}

// Erasing a person removes what they wrote, and keeps them opted out when they or an import come again.
func TestErasure(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	const noor = "+4915111111111"
	a.customers(noor)
	c := a.contactAt(noor)
	a.Sim.Write(noor, clinic, writes("my secret illness"))
	a.conversation(noor, 2)
	export := ada.get("/contacts/" + c.PublicID + "/everything.json")
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
	if _, problems, err := a.Store.VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
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

// Retention shows what it would remove, and removes it.
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
	if err := a.Deps.Contacts.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := a.thread(c)[0]; m.Body != "" || m.ErasedAt == nil {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(ada.get("/inbox/"+c.PublicID).Text(), "The content was removed") {
		t.Error("the thread does not say so")
	}
}

// Who may not see whole numbers sees none, on any page, in any export.
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

// Consent by topic: a template of a topic goes to those who agreed to it, and to nobody who left everything.
func TestTopics(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	ids := a.customers("+4915111111111", "+4915122222222")
	ada.post("/settings/topics", url.Values{"name": {"Reminders"}})
	topics, err := a.Store.Topics(t.Context())
	if err != nil || len(topics) != 1 {
		t.Fatal(err)
	}
	otto.post("/contacts/"+ids[0]+"/consent", url.Values{"kind": {"opted_out"}, "source": {"by_hand"}, "topic": {topics[0].PublicID}, "proof": {"no reminders"}})
	if c := a.contactAt("+4915111111111"); c.Consent != whatsapp.OptedIn {
		t.Error("leaving one topic left everything")
	}
	for query, want := range map[string]int{"consent=opted_in": 2, "consent=opted_in&topic=" + topics[0].PublicID: 1, "consent=opted_out&topic=" + topics[0].PublicID: 1} {
		if n := otto.get("/contacts?" + query).Doc().Find("[data-testid=contact-row]").Length(); n != want {
			t.Errorf("%s: %d", query, n)
		}
	}
	// A template of the topic goes to the second only, its field filled from the contact.
	ada.post("/settings/fields", url.Values{"label": {"City"}, "kind": {"text"}})
	otto.post("/contacts/"+ids[1], url.Values{"version": {"1"}, "name": {"Two"}, "field-city": {"Lisbon"}})
	page := otto.submitted(with(draftForm("in_topic", "Your visit to {{City}} is on Monday at the desk.", "City", "Porto"), "field-City", "field:city"), "approved")
	v := a.versionOf(page)
	if r := otto.post("/templates/"+v.Template.PublicID+"/settings", url.Values{"send_role": {"agent"}, "fallback_language": {"en"}, "topic": {topics[0].PublicID}}); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	r := otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "contact": ids, "token": {"t"}})
	if r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	a.eventually("it arrives", func() bool {
		for _, m := range a.Sim.Messages("+4915122222222") {
			if m.Body == "Your visit to Lisbon is on Monday at the desk." && m.Status == "delivered" {
				return true
			}
		}
		return false
	})
	for _, m := range a.Sim.Messages("+4915111111111") {
		if strings.Contains(m.Body, "Your visit") {
			t.Error("a template of a topic went to somebody who left it")
		}
	}
	if _, problems, err := a.Store.VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// signed posts a webhook as Twilio does.
func (a *app) signed(path string, form url.Values) answer {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodPost, a.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Signature(token, a.URL+path, form))
	return a.as("").send(req)
}

// findText looks for a text in every column of every table and returns where it stands, empty if nowhere.
func (a *app) findText(text string) string {
	a.t.Helper()
	rows, err := a.Store.Pool().Query(a.t.Context(), `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name <> 'goose_db_version'
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
		if err := a.Store.Pool().QueryRow(a.t.Context(), `SELECT count(*) FROM "`+c[0]+`" WHERE CAST("`+c[1]+`" AS text) LIKE '%' || $1 || '%'`, text).Scan(&n); err != nil {
			a.t.Fatal(err)
		}
		if n > 0 {
			return c[0] + "." + c[1]
		}
	}
	return ""
}
