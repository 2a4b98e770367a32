package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

func writes(text string) simulator.Outgoing { return simulator.Outgoing{Body: text} }

const clinic = simulator.BusinessPhone

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
	tags, err := people.Read(a.Store).Tags(t.Context())
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
	// All contacts of the segment are tagged and opted out by a job; chosen contacts at once.
	asked := otto.post("/contacts/bulk", url.Values{"filter": {segment}, "all": {"1"}, "do": {"tag"}, "new_tag": {"Letter"}})
	if r := otto.post("/contacts/bulk", fieldsOf(asked.Doc().Find("[data-testid=question]"))); r.Status != http.StatusSeeOther {
		t.Fatalf("tag all: %d %s", r.Status, r.Text())
	}
	a.eventually("they are tagged", func() bool { return names("q=letter") == "Dmitri, Anna Müller" })
	carla := a.contactAt("+4915100000003")
	otto.post("/contacts/bulk", url.Values{"contact": {carla.PublicID}, "do": {"opt_out"}, "proof": {"Wrote a letter"}})
	if a.contactAt("+4915100000003").Consent != whatsapp.OptedOut {
		t.Error("not opted out")
	}
	events, err := models.Read(a.Store).AuditEvents(t.Context(), "contact", carla.PublicID, 5)
	if err != nil || len(events) == 0 || events[0].Action != "consent.opted_out" || events[0].ActorName != "otto" {
		t.Errorf("the audit log: %+v %v", events, err)
	}
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v %v", problems, err)
	}
	if out := otto.post("/contacts/bulk", url.Values{"contact": {carla.PublicID}, "do": {"export-csv"}}); strings.Count(out.Body, "\n") != 2 || !strings.Contains(out.Body, "opted_out") {
		t.Errorf("the export of one: %s", out.Body)
	}
	if out := otto.get("/contacts/export?format=xlsx&language=de"); !strings.HasPrefix(out.Body, "PK") {
		t.Error("no workbook")
	}
}

// A contact's page edits in place; merging two contacts keeps both histories.
func TestProfileAndMerge(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	ada.post("/settings/fields", url.Values{"label": {"Born"}, "kind": {"date"}})
	ada.post("/settings/tags", url.Values{"name": {"VIP"}})
	a.customers("+4915111111111", "+4915122222222")
	one, two := a.contactAt("+4915111111111"), a.contactAt("+4915122222222")
	tags, _ := people.Read(a.Store).Tags(t.Context())
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
		list, err := conversations.Read(a.Store).ConversationsOf(t.Context(), merged.ID)
		return err == nil && len(list) == 1 && list[0].LastLine == "me again"
	})
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// A person known only by WhatsApp's user id is a contact, and is merged when the number becomes known.
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
	p, err := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Limit: 5})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].Phone == nil {
		t.Fatalf("%d contacts: %v", len(p.Rows), err)
	}
	list, err := conversations.Read(a.Store).ConversationsOf(t.Context(), p.Rows[0].ID)
	if err != nil || len(list) != 1 || len(a.thread(&list[0])) != 3 {
		t.Fatalf("%d conversations: %v", len(list), err)
	}
	webhook(sid("4"), "whatsapp:DE.abc123", "", "again")
	if n := len(a.thread(&list[0])); n != 4 {
		t.Errorf("%d messages", n)
	}
}

// Consent by topic: a topic's template goes to contacts who agreed to the topic, and to nobody who opted out of
// everything.
func TestTopics(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	ids := a.customers("+4915111111111", "+4915122222222")
	ada.post("/settings/topics", url.Values{"name": {"Reminders"}})
	topics, err := people.Read(a.Store).Topics(t.Context())
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
	// A template of the topic goes only to the second contact, with its field filled in from the contact.
	ada.post("/settings/fields", url.Values{"label": {"City"}, "kind": {"text"}})
	otto.post("/contacts/"+ids[1], url.Values{"version": {"1"}, "name": {"Two"}, "field-city": {"Lisbon"}})
	page := otto.submitted(with(draftForm("in_topic", "Your visit to {{City}} is on Monday at the desk.", "City", "Porto"), "field-City", "field:city"), "approved")
	v := a.versionOf(page)
	if r := otto.post("/templates/"+v.Template.PublicID+"/settings", url.Values{"send_role": {"agent"}, "fallback_language": {"en"}, "topic": {topics[0].PublicID}}); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	r := otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "token": {"t"}})
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
	if _, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
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
