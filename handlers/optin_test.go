package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/whatsapp"
	"parley/whatsapp/intent"
)

// Keywords in several languages opt out and in, and are answered within the session; a message that merely contains a
// keyword is marked for the agent.
func TestKeywords(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	const noor = "+4915111111111"
	a.customers(noor)
	said := func(text string, n int) *conversations.Conversation {
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
	said("stop", 4) // a repeated keyword records nothing new, and each word is answered once an hour
	if c = said("START", 6); c.Contact.Consent != whatsapp.OptedIn {
		t.Errorf("START: %s", c.Contact.Consent)
	}
	c = said("Could you stop these messages for a week?", 7)
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
	// The lists can be edited, but can't contradict each other.
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
	if k, _ := models.Read(a.Store).Keywords(t.Context()); k.Of("unsubscribe") != intent.StopKeyword ||
		k.Of("genug") != intent.StopKeyword {
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
	if p, _ := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Limit: 5}); len(p.Rows) != 0 {
		t.Error("a form alone made a contact")
	}
	a.Sim.AddCustomer(noor, "noor on wa")
	a.Sim.Write(noor, clinic, writes("Join clinic"))
	c := a.conversation(noor, 2)
	history, err := people.Read(a.Store).ConsentHistory(t.Context(), c.ContactID)
	if err != nil || c.Contact.Consent != whatsapp.OptedIn || c.Contact.Name != "Noor" || history[0].Source != whatsapp.SourceWebForm || !strings.Contains(history[0].Wording, "Harbour Clinic") {
		t.Fatalf("%+v %+v %v", c.Contact, history, err)
	}
	// A form can't opt in a contact who opted out, whatever the page's settings.
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

// The business's own form reports opt-ins as JSON, with a key.
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
		if r, out := call(key, body); r.Status != want || (want > 201) != (out["code"] != nil && out["code"] != "") {
			t.Errorf("%s: %d %v", body, r.Status, out)
		}
	}
	for body, want := range map[string]string{
		`{"phone": "12", "proof": "x"}`:                                  "phone_too_short",
		`{"phone": "0151 23456789", "proof": "x"}`:                       "phone_no_country",
		`{"phone": "+4915111111112"}`:                                    "consent.proof_length",
		`{"phone": "+4915111111112", "consent": "opted_out"}`:            "consent.proof_length",
		`{"phone": "+4915111111112", "consent": "opted_out", "what": 1}`: "api.invalid_json",
	} {
		if _, out := call(key, body); out["code"] != want {
			t.Errorf("%s: %v, want the code %s", body, out, want)
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
