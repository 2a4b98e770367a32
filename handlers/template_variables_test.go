package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/modelstest"
	"parley/models/templates"
	"parley/simulator"
	"parley/whatsapp"
)

// imported imports a template that was approved elsewhere and returns its version.
func (a *app) imported(otto *visitor, name string, types map[string]map[string]any, variables map[string]string) templates.TemplateVersion {
	a.t.Helper()
	a.Sim.AddContent(&simulator.Content{FriendlyName: name, Language: "en", Variables: variables, Types: types, Approval: &simulator.Approval{Name: name, Category: "UTILITY", Status: "approved"}})
	if r := otto.post("/templates/import", nil); r.Status != http.StatusSeeOther {
		a.t.Fatalf("import: %d", r.Status)
	}
	a.eventually(name+" is imported", func() bool { return a.number("SELECT count(*) FROM templates WHERE name = $1", name) == 1 })
	var id int64
	if err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), "SELECT v.id FROM template_versions v JOIN templates t ON t.id = v.template_id WHERE t.name = $1", name).Scan(&id); err != nil {
		a.t.Fatal(err)
	}
	v, err := templates.Read(a.Store).VersionByID(a.t.Context(), id)
	if err != nil {
		a.t.Fatal(err)
	}
	return *v
}

// lastBody is the latest text that a phone received.
func (a *app) lastBody(phone string) string {
	list := a.Sim.Messages(phone)
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1].Body
}

// A template with variables of any name is filled in the inbox, in a notification and by the API; its samples are never
// sent.
func TestImportedVariablesAreFilled(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.imported(otto, "shipped", map[string]map[string]any{"twilio/call-to-action": {"body": "Hello {{customer.name}}, your order {{order-id}} is on its way, {{ first name }}.",
		"actions": []any{map[string]any{"type": "URL", "title": "Track it", "url": "https://shop.example.com/{{track.id}}"}}}},
		map[string]string{"customer.name": "SAMPLE", "order-id": "SAMPLE", "first name": "SAMPLE", "track.id": "SAMPLE"})
	if v.Unfillable != "" || len(v.Names()) != 4 {
		t.Fatalf("%q %q", v.Names(), v.Unfillable)
	}
	phones, key := a.crowd(3), a.apiKey(ada)
	right := func(phone, name string) {
		t.Helper()
		a.eventually("it arrives", func() bool { return a.lastBody(phone) == "Hello "+name+", your order 4711 is on its way, you." })
		m := a.Sim.Messages(phone)[len(a.Sim.Messages(phone))-1]
		if m.Rich == nil || len(m.Rich.Actions) != 1 || m.Rich.Actions[0].Value != "https://shop.example.com/x9" {
			t.Errorf("the button: %+v", m.Rich)
		}
	}
	page := a.checked(otto, with(a.base(&v, "any"), "audience", "contacts", "contact", a.contactAt(phones[0]).PublicID, "value-1", "Ada", "value-2", "4711", "value-3", "you", "value-4", "x9"))
	if text := otto.get(page).Doc().Find("[data-testid=real-preview]").Text(); !strings.Contains(text, "Hello Ada, your order 4711") {
		t.Errorf("the dry run shows %q", text)
	}
	otto.post(page+"/start", nil)
	right(phones[0], "Ada")
	a.ask(key, "one", wanted{phones[1], "shipped", `, "values": {"customer.name": "Ben", "order-id": "4711", "first name": "you", "track.id": "x9"}`})
	right(phones[1], "Ben")
	if r := a.ask(key, "two", wanted{phones[1], "shipped", `, "values": {"customer.name": "Ben"}`}); r.Status != 422 ||
		r.Code != "no_value" {
		t.Errorf("values that are missing: %+v", r)
	}
	a.Sim.Write(phones[2], simulator.BusinessPhone, writes("Hello"))
	conv := a.conversationWith(phones[2], simulator.BusinessPhone)
	if r := otto.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {v.PublicID}, "value-1": {"Cleo"}, "value-2": {"4711"}, "value-3": {"you"}, "value-4": {"x9"}, "token": {"t"}}); r.Status >= 400 {
		t.Fatalf("from the inbox: %d %s", r.Status, r.Text())
	}
	right(phones[2], "Cleo")
}

// A template that can't be filled is imported with the reason, is shown with it wherever a template is chosen, and is
// never sent.
func TestUnfillableGoesNowhere(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.imported(otto, "odd_one", map[string]map[string]any{"twilio/media": {"body": "Hello there.", "media": []any{"https://shop.example.com/a.png", "https://shop.example.com/{{second}}"}}}, map[string]string{"second": "SAMPLE"})
	const why = "{{second}} stands in a part of the message that Parley does not read"
	if !strings.Contains(v.Unfillable, why) || v.State != whatsapp.Approved {
		t.Fatalf("%q %s", v.Unfillable, v.State)
	}
	phones, key := a.crowd(1), a.apiKey(ada)
	a.Sim.Write(phones[0], simulator.BusinessPhone, writes("Hello"))
	conv := a.conversationWith(phones[0], simulator.BusinessPhone)
	for what, page := range map[string]string{"the template's page": "/templates/" + v.Template.PublicID, "the inbox": "/inbox/" + conv.PublicID + "?mode=template", "the notification's form": "/notifications/new?sender=" + a.sender(false).PublicID} {
		if text := otto.get(page).Text(); !strings.Contains(text, why) {
			t.Errorf("%s does not say why", what)
		}
	}
	if r := otto.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {v.PublicID}, "token": {"t"}}); r.Status < 400 {
		t.Errorf("from the inbox: %d", r.Status)
	}
	if r := otto.post("/notifications", with(a.base(&v, "odd"), "audience", "filter")); r.Status != 422 || !strings.Contains(r.Problem("template"), why) {
		t.Errorf("a notification: %d %q", r.Status, r.Problem("template"))
	}
	if r := a.ask(key, "one", wanted{phones[0], "odd_one", ""}); r.Status != 422 || r.Code != "unfillable" ||
		r.Field != "template" {
		t.Errorf("the API: %+v", r)
	}
	if r := otto.post("/templates/test", url.Values{"id": {v.PublicID}, "test_phone": {phones[0]}, "test_sender": {a.sender(false).PublicID}}); r.Status != 409 || !strings.Contains(r.Text(), why) {
		t.Errorf("a test: %d %s", r.Status, r.Text())
	}
	// A message that is queued anyway, also without its values, is refused when it is claimed.
	named := a.imported(otto, "named", map[string]map[string]any{"twilio/text": {"body": "Hello {{customer.name}}, welcome."}}, map[string]string{"customer.name": "SAMPLE"})
	for _, id := range []int64{v.ID, named.ID} {
		err := a.Store.InTx(t.Context(), func(tx *models.Tx) error {
			c, err := conversations.ConversationForUpdate(tx, conv.PublicID)
			if err != nil {
				return err
			}
			_, err = conversations.QueueMessage(tx, c, &conversations.Message{Kind: whatsapp.KindTemplate, VersionID: &id, Body: "x", Priority: conversations.PriorityTemplate})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	a.eventually("both are refused", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE status = 'refused' AND error_message = 'unfillable'") == 2
	})
	for _, m := range a.Sim.Messages(phones[0]) {
		if !m.Inbound {
			t.Errorf("it went out: %+v", m)
		}
	}
}

// The rating question is sent as a content: a placeholder in it would never be filled.
func TestQuestionTakesNoPlaceholder(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	form := url.Values{"rating_on": {"1"}, "rating_text": {"How did we do, {{customer.name}}?"}, "zone": {"UTC"}}
	if r := ada.post("/settings/inbox", form); r.Status != 422 || r.Problem("rating_text") == "" {
		t.Errorf("the question: %d %q", r.Status, r.Problem("rating_text"))
	}
}
