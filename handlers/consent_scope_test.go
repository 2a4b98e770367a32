package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/simulator"
	"parley/whatsapp"
)

// stands waits until a contact's consent has an expected value, as lists show it.
func (a *app) stands(what, phone string, want whatsapp.Consent) {
	a.t.Helper()
	a.eventually(what+": "+string(want), func() bool { return a.contactAt(phone).ShownConsent() == want })
}

// writes sends a message and waits until a sender has got n.
func (a *app) writes(phone, to, text string, n int) {
	a.t.Helper()
	a.Sim.Write(phone, to, writes(text))
	a.eventually("it came in: "+text, func() bool {
		return a.number("SELECT count(*) FROM messages m JOIN senders s ON s.id = m.sender_id WHERE m.direction = 'inbound' AND s.phone = $1", to) == n
	})
}

// conversationWith waits for a person's conversation with a sender.
func (a *app) conversationWith(phone, sender string) *conversations.Conversation {
	a.t.Helper()
	id := ""
	a.eventually("a conversation with "+sender, func() bool {
		err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), `SELECT v.public_id FROM conversations v JOIN contacts c ON c.id = v.contact_id JOIN senders s ON s.id = v.sender_id
			WHERE c.phone = $1 AND s.phone = $2`, phone, sender).Scan(&id)
		return err == nil
	})
	c, err := conversations.Read(a.Store).ConversationByPublicID(a.t.Context(), id)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// call sends a notification through the API, as another program does.
func (a *app) call(key, idempotency, body string) answer {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/notifications/send", strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if idempotency != "" {
		req.Header.Set("Idempotency-Key", idempotency)
	}
	return a.as("").send(req)
}

// Joining the Sandbox opts in to the Sandbox only: it never opts in a contact who opted out, does not weaken an opt-in
// to all senders, and STOP and START apply to the sender that they are sent to.
func TestConsentThroughTheSandbox(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	join := "join " + simulator.JoinWords
	sandbox, clinic := simulator.SandboxPhone, simulator.BusinessPhone
	a.Sim.AddCustomer(noor, "Noor")
	a.Sim.AddCustomer(lena, "Lena")
	for i, step := range []struct {
		to, text string
		n        int // messages to this sender so far
		want     whatsapp.Consent
	}{
		{sandbox, join, 1, whatsapp.SandboxOnly},
		{sandbox, "Hello", 2, whatsapp.SandboxOnly},
		{clinic, "Hello", 1, whatsapp.SandboxOnly},
		{clinic, "STOP", 2, whatsapp.OptedOut},
		{sandbox, join, 3, whatsapp.OptedOut},
		{sandbox, "Hello again", 4, whatsapp.OptedOut},
		{sandbox, "START", 5, whatsapp.SandboxOnly},
		{clinic, "START", 3, whatsapp.OptedIn},
		{sandbox, join, 6, whatsapp.OptedIn},
		{sandbox, "START", 7, whatsapp.OptedIn},
	} {
		a.writes(noor, step.to, step.text, step.n)
		if c := a.contactAt(noor); c.ShownConsent() != step.want {
			t.Errorf("%d: %q to %s: %s %s, want %s", i, step.text, step.to, c.Consent, c.ConsentScope, step.want)
		}
	}
	// START sent to the Sandbox leaves the opt-out in force elsewhere: no file and no form opts that contact in.
	a.writes(lena, sandbox, join, 8)
	a.writes(lena, clinic, "STOP", 4)
	a.writes(lena, sandbox, "START", 9)
	if c := a.contactAt(lena); c.ShownConsent() != whatsapp.SandboxOnly || !c.StaysOut() {
		t.Errorf("START in the Sandbox: %+v", c.ConsentState())
	}
	// An opt-in page names the business: its keyword opts in to all senders, whichever sender it is sent to.
	a.optinPage(a.as("ada"))
	a.exec("UPDATE optin_sources SET sender_id = (SELECT id FROM senders WHERE kind = 'sandbox')")
	a.writes(lena, sandbox, "JOIN US", 10)
	a.stands("the page's keyword", lena, whatsapp.OptedIn)
	if n, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) != 0 || n == 0 {
		t.Errorf("%d events: %v %v", n, problems, err)
	}
}

// Nothing that needs consent is sent from another sender to a contact who only joined the Sandbox, by any path.
func TestJoiningIsNoConsentForAnotherSender(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit on {{Date}} is near.", "Name", "Noor", "Date", "Tuesday")
	a.joined(noor, "Noor", "Hello")
	a.Sim.Write(noor, simulator.BusinessPhone, writes("Hello"))
	clinic := a.conversationWith(noor, simulator.BusinessPhone)
	otto.post("/contacts", url.Values{"phone": {lena}, "name": {"Lena"}})
	otto.post("/contacts/"+a.contactAt(lena).PublicID+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "proof": {"form 7"}})

	// Every page says so.
	contact := "/contacts/" + a.contactAt(noor).PublicID
	for _, page := range []string{contact, contact + "/consent", "/contacts", "/contacts?consent=opted_in_sandbox"} {
		if text := otto.get(page).Text(); !strings.Contains(text, "Opted in, Sandbox only") {
			t.Errorf("%s does not say it", page)
		}
	}
	if text := otto.get("/contacts?consent=opted_in_all").Text(); strings.Contains(text, "Noor") || !strings.Contains(text, "Lena") {
		t.Error("the filter for every sender")
	}
	if text := otto.get("/contacts?consent=opted_in").Text(); !strings.Contains(text, "Noor") || !strings.Contains(text, "Lena") {
		t.Error("the filter for all who opted in")
	}
	if body := otto.get(contact + "/consent.json").Body; strings.Count(body, `"scope": "sandbox"`) == 0 || !strings.Contains(body, `"consent_scope": "sandbox"`) {
		t.Errorf("the evidence: %s", body)
	}
	if text := otto.get("/contacts/export?format=csv").Body; !strings.Contains(text, "opted_in_sandbox") {
		t.Errorf("the export: %s", text)
	}

	// From the inbox.
	page := "/inbox/" + clinic.PublicID + "?mode=template"
	if text := otto.get(page).Text(); !strings.Contains(text, "joined the Sandbox only, which is no consent for Clinic") {
		t.Error("the inbox offers templates")
	}
	r := otto.post("/conversations/"+clinic.PublicID+"/templates", url.Values{"template": {v.PublicID}, "value-1": {"Noor"}, "value-2": {"Monday"}, "token": {"t1"}})
	if r.Status != 409 && r.Status != 422 {
		t.Errorf("a template from the inbox: %d", r.Status)
	}
	// From a notification: the dry run shows the reason.
	form := with(a.base(v, "dry"), "audience", "filter", "value-1", "Name", "from-1", "fixed", "value-2", "Monday", "from-2", "fixed")
	dry := a.checked(otto, form)
	d := otto.get(dry).Doc()
	if got := d.Find("[data-testid=allowed]").Text(); got != "1" {
		t.Errorf("%s get it, want Lena alone", got)
	}
	if row := d.Find("[data-reason=sandbox_only]"); !strings.Contains(row.Text(), "Joined the Sandbox only: no consent for this sender") {
		t.Errorf("the reason: %q", row.Text())
	}
	// A test to the person's own phone.
	if r := otto.post(dry+"/test", url.Values{"phone": {noor}}); r.Problem("phone") == "" && !strings.Contains(r.Text(), "joined the Sandbox only") {
		t.Errorf("a test: %d %s", r.Status, r.Text())
	}
	// By another program.
	key := ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	call := a.call(key, "one", `{"to": "`+noor+`", "template": "visit_near", "sender": "`+simulator.BusinessPhone+`", "values": {"Name": "Noor", "Date": "Monday"}}`)
	if call.Status != 422 || !strings.Contains(call.Body, "Joined the Sandbox only") {
		t.Errorf("the API: %d %s", call.Status, call.Body)
	}
	// A message that is queued anyway is checked again when it is claimed.
	err := a.Store.InTx(t.Context(), func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, clinic.PublicID)
		if err != nil {
			return err
		}
		m := messaging.TemplateMessage(v, templates.Values{"1": "Noor", "2": "Monday"})
		m.Priority = conversations.PriorityTemplate
		_, err = conversations.QueueMessage(tx, c, m)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := a.last(clinic, whatsapp.Refused); m.ErrorMessage != "sandbox_only" {
		t.Errorf("refused for %q", m.ErrorMessage)
	}
	// A topic inherits the scope, and the Sandbox itself may still write.
	if err := a.Store.InTx(t.Context(), func(tx *models.Tx) error {
		_, err := people.AddTopic(tx, models.System("test"), "Reminders")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	a.exec("UPDATE templates SET topic_id = (SELECT id FROM topics WHERE name = 'Reminders') WHERE name = 'visit_near'")
	if r := otto.post("/conversations/"+clinic.PublicID+"/templates", url.Values{"template": {v.PublicID}, "value-1": {"Noor"}, "value-2": {"Monday"}, "token": {"t3"}}); r.Status < 400 {
		t.Errorf("a template of a topic: %d", r.Status)
	}
	for _, m := range a.Sim.Messages(noor) {
		if strings.HasSuffix(m.From, simulator.BusinessPhone) && m.ContentSid != "" {
			t.Errorf("a template from the business's own number arrived: %+v", m)
		}
	}
}

// A file and a form extend a Sandbox-only opt-in, unless the person opted out of everything else; undoing an import
// restores the consent from before it.
func TestSandboxOptInIsWidened(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.joined(noor, "Noor", "Hello")
	a.joined(lena, "Lena", "Hello")
	a.Sim.Write(lena, simulator.SandboxPhone, writes("STOP"))
	a.stands("STOP", lena, whatsapp.OptedOut)
	a.Sim.Write(lena, simulator.SandboxPhone, writes("join "+simulator.JoinWords))
	a.Sim.Write(lena, simulator.SandboxPhone, writes("START"))
	a.stands("START", lena, whatsapp.SandboxOnly)

	path := otto.importing("list.csv", []byte("phone,name\n"+noor+",Noor\n"+lena+",Lena\n"))
	k := otto.dryRun(path, url.Values{"consent": {"all"}, "source": {"web_form"}, "proof": {"form 7"}, "wording": {"Yes, write to me on WhatsApp."}})
	if k.OptIns != 1 || k.KeptOut != 1 {
		t.Errorf("the dry run: %+v", k)
	}
	otto.start(path)
	a.stands("imported", noor, whatsapp.OptedIn)
	a.stands("kept out", lena, whatsapp.SandboxOnly)
	a.Sim.Write(noor, simulator.SandboxPhone, writes("join "+simulator.JoinWords))
	if r := otto.post(path+"/undo", nil); r.Status != 303 {
		t.Fatalf("undo: %d", r.Status)
	}
	otto.ended(path, imports.ImportUndone)
	a.stands("taken back", noor, whatsapp.SandboxOnly)
	// An export's values for such contacts are not an opt-in when they are imported again.
	again := otto.importing("back.csv", []byte("phone,name,consent\n"+noor+",Noor,opted_in_sandbox\n"))
	if k := otto.dryRun(again, url.Values{"consent": {"column"}, "source": {"web_form"}, "proof": {"form 7"}, "wording": {"Yes, on WhatsApp."}}); k.OptIns != 0 || k.Refused != 0 {
		t.Errorf("the export comes back: %+v", k)
	}
	if n, problems, err := people.Read(a.Store).VerifyConsent(t.Context()); err != nil || len(problems) != 0 || n == 0 {
		t.Errorf("%d events: %v %v", n, problems, err)
	}
}
