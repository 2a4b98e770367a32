package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models/templates"
	"parley/whatsapp"
)

// draftForm is the editor's form for a plain text.
func draftForm(name, body string, samples ...string) url.Values {
	f := url.Values{"id": {""}, "version": {"0"}, "name": {name}, "category": {"UTILITY"}, "language": {"en"}, "type": {"twilio/text"}, "body": {body}}
	for i := 0; i+1 < len(samples); i += 2 {
		f.Set("sample-"+samples[i], samples[i+1])
	}
	return f
}

// opened adds to a form which draft and which version of it a page shows.
func opened(f url.Values, r answer) url.Values {
	for _, n := range []string{"id", "version"} {
		v, _ := r.Doc().Find("#editor input[name=" + n + "]").Attr("value")
		f.Set(n, v)
	}
	return f
}

func with(f url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range f {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// submitted drafts a template, submits it and waits for the decision; it returns the template's page.
func (v *visitor) submitted(f url.Values, state string) string {
	v.app.t.Helper()
	r := v.post("/templates/save", with(f, "do", "submit", "confirmed", "yes"))
	if r.Status != http.StatusSeeOther {
		v.app.t.Fatalf("submit: %d %s", r.Status, r.Text())
	}
	page := r.Header.Get("Location")
	v.app.eventually("it is "+state, func() bool {
		return v.get(page).Doc().Find("[data-testid=version][data-state="+state+"]").Length() > 0
	})
	return page
}

// A template goes from its draft through review into use; an invalid one is refused before it is submitted, or rejected
// with its reason, and fixed in a new version.
func TestTemplateLifecycle(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	draft := draftForm("visit", "Hello {{Name}}, your visit on {{Date}} is confirmed.")
	r := otto.post("/templates/save", with(draft, "do", "submit"))
	if r.Status != 422 || !strings.Contains(r.Problem("sample-Name"), "sample") || !strings.Contains(r.Body, "is confirmed.") {
		t.Fatalf("without samples: %d %q", r.Status, r.Problem("sample-Name"))
	}
	draft = opened(with(draft, "sample-Name", "Noor", "sample-Date", "Tuesday"), r)
	page := otto.submitted(draft, "approved")
	steps := otto.get(page).Doc().Find("[data-testid=approval-event]").Text()
	if !strings.Contains(steps, "submitted") || !strings.Contains(steps, "otto") || !strings.Contains(steps, "approved") || !strings.Contains(steps, "drafted") {
		t.Errorf("history: %s", steps)
	}
	if r := otto.post("/templates/save", with(draft, "do", "save")); r.Status != http.StatusConflict {
		t.Errorf("an approved version can be edited: %d", r.Status)
	}
	if !strings.Contains(otto.get("/alerts").Text(), "visit (en, version 1) is approved") {
		t.Error("the author was not told")
	}

	// The same text under another name: a warning asks first, then the review rejects it, and it is fixed.
	again := draftForm("visit_again", draft.Get("body"), "Name", "Noor", "Date", "Tuesday")
	r = otto.post("/templates/save", with(again, "do", "submit"))
	if r.Status != http.StatusConflict || r.Doc().Find("[data-testid=ask-warnings]").Length() != 1 || r.Doc().Find(`[data-rule=same_text]`).Length() != 1 {
		t.Fatalf("the warning does not ask: %d", r.Status)
	}
	page = otto.submitted(opened(again, r), "rejected")
	text := otto.get(page).Doc().Find("[data-testid=rejection]").Text()
	if !strings.Contains(text, "exists already") || !strings.Contains(text, "say it differently") {
		t.Errorf("reason and advice: %s", text)
	}
	next, _ := otto.get(page).Doc().Find(`form[action$="/next"]`).Attr("action")
	edit := otto.post(next, nil).Header.Get("Location")
	r = otto.get(edit)
	if text := r.Doc().Find("[data-testid=last-rejection]").Text(); !strings.Contains(text, "exists already") {
		t.Error("the reason does not stand beside the text")
	}
	if text := otto.get("/templates/new").Doc().Find("[data-testid=rejections]").Text(); !strings.Contains(text, "exists already") {
		t.Error("a new draft does not show what the team was rejected for before")
	}
	fixed := opened(with(again, "body", "Hello {{Name}}, we look forward to your visit on {{Date}} at the clinic."), r)
	otto.submitted(fixed, "approved")
	if !strings.Contains(otto.get(page).Text(), "at WhatsApp: visit_again_v2") {
		t.Error("the second version was not submitted under a name of its own")
	}
	compare, _ := otto.get(page).Doc().Find(`a[href*="/compare"]`).Attr("href")
	if text := otto.get(compare).Doc().Find("[data-testid=changes]").Text(); !strings.Contains(text, "look forward to") || !strings.Contains(text, "confirmed.") {
		t.Errorf("comparison: %s", text)
	}
}

// A draft is saved while the user types, even with mistakes, and nobody silently overwrites another user's changes.
func TestAutosave(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	if r := otto.post("/templates/autosave", draftForm("", "")); r.Status != http.StatusNoContent {
		t.Errorf("an empty form was saved: %d", r.Status)
	}
	bad := draftForm("Not A Name Yet!", "{{Name}} and {{ no end")
	r := otto.post("/templates/autosave", bad)
	id := r.Header.Get("X-Draft")
	if r.Status != 200 || id == "" || r.Header.Get("X-Draft-Version") != "1" {
		t.Fatalf("first save: %d %v", r.Status, r.Header)
	}
	bad = with(bad, "id", id, "version", "1", "body", "Hello <script>", "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes", "sample-Name", "x")
	if r = otto.post("/templates/autosave", bad); r.Status != 200 || r.Header.Get("X-Draft") != id || r.Header.Get("X-Draft-Version") != "2" {
		t.Fatalf("second save: %d %v", r.Status, r.Header)
	}
	page := otto.get("/versions/" + id + "/edit")
	if v, _ := page.Doc().Find("#name").Attr("value"); v != "Not A Name Yet!" || page.Doc().Find("#body").Text() != "Hello <script>" {
		t.Errorf("what was typed is not there: %q %q", v, page.Doc().Find("#body").Text())
	}
	if v, _ := page.Doc().Find("input[name=action-1-title]").Attr("value"); v != "Yes" {
		t.Errorf("the button is gone: %q", v)
	}
	// Ada also has it open and saves; otto is told and chooses, and nothing is silently lost.
	if text := ada.get("/versions/" + id + "/others?version=2").Text(); strings.Contains(text, "open too") {
		t.Errorf("nobody else is here: %s", text)
	}
	if text := otto.get("/versions/" + id + "/others?version=2").Text(); !strings.Contains(text, "ada has this draft open too") {
		t.Errorf("otto does not see ada: %s", text)
	}
	if r = ada.post("/templates/autosave", with(bad, "version", "2", "body", "Hello from ada, this is mine.")); r.Status != 200 {
		t.Fatalf("ada: %d", r.Status)
	}
	if text := otto.get("/versions/" + id + "/others?version=2").Text(); !strings.Contains(text, "ada saved a newer text") {
		t.Errorf("otto is not told: %s", text)
	}
	r = otto.post("/templates/autosave", with(bad, "version", "2", "body", "Hello from otto, this is mine."))
	if r.Status != http.StatusConflict || !strings.Contains(r.Text(), "ada changed this draft") || r.Doc().Find("ins").Text() == "" {
		t.Fatalf("otto overwrites ada: %d %s", r.Status, r.Text())
	}
	if body := otto.get("/versions/" + id + "/edit").Doc().Find("#body").Text(); body != "Hello from ada, this is mine." {
		t.Errorf("stored: %q", body)
	}
	keep, _ := r.Doc().Find("[data-keep-mine]").Attr("data-keep-mine")
	if r = otto.post("/templates/autosave", with(bad, "version", keep, "body", "Hello from otto, this is mine.")); r.Status != 200 {
		t.Errorf("keeping mine: %d %s", r.Status, r.Text())
	}
	// An outdated form sent with the button is refused too, with its text kept.
	if r := ada.post("/templates/save", with(bad, "version", "3", "body", "Hello again from ada.", "do", "save")); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "Somebody changed this template") || !strings.Contains(r.Body, "Hello again from ada.") {
		t.Errorf("stale form: %d %s", r.Status, r.Text())
	}
}

// Refusals of drafts that can't be stored, and of drafts that WhatsApp would reject.
func TestTemplateFieldsAreChecked(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	ok := draftForm("a_name", "Your order has left our house.")
	for field, bad := range map[string]string{"category": "MARKETING", "language": "xx", "type": "twilio/pay", "body": strings.Repeat("x", 4001)} {
		if r := otto.post("/templates/save", with(ok, field, bad, "do", "save")); r.Status != 422 || r.Problem(field) == "" {
			t.Errorf("%s: %d %q", field, r.Status, r.Problem(field))
		}
	}
	for field, bad := range map[string]string{"name": "Bad Name", "body": strings.Repeat("word ", 210)} {
		if r := otto.post("/templates/save", with(ok, field, bad, "do", "submit")); r.Status != 422 || r.Problem(field) == "" {
			t.Errorf("%s: %d %q", field, r.Status, r.Problem(field))
		}
	}
	otto.submitted(with(ok, "name", "taken"), "approved")
	r := otto.post("/templates/save", with(ok, "name", "taken", "body", "Your parcel waits at the post office.", "do", "submit"))
	if r.Status != 422 || !strings.Contains(r.Problem("name"), "in use") || r.Doc().Find(`[data-fix=name][data-value=taken_2]`).Length() != 1 {
		t.Errorf("the same name: %d %q", r.Status, r.Problem("name"))
	}
	// The check while the user types reports the same, with positions.
	check := otto.post("/templates/check", draftForm("x", "Hello, enjoy a *20% discount* now"))
	if check.Doc().Find(`[data-rule=promotion] [data-goto=body]`).Length() != 1 || !strings.Contains(check.Body, `<mark data-severity="error">`) {
		t.Errorf("check: %s", check.Body)
	}
}

// The fields follow the type, and buttons can be added and removed, with and without script.
func TestEditorParts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	f := draftForm("parts", "Can you come on Monday?")
	for kind, field := range map[string]string{"twilio/quick-reply": "action-1-title", "twilio/call-to-action": "action-1-value", "twilio/list-picker": "item-1-title", "whatsapp/card": "footer",
		"twilio/location": "latitude", "whatsapp/authentication": "minutes", "twilio/carousel": "card-2-media", "twilio/media": "media"} {
		r := otto.post("/templates/parts?do=type", with(f, "type", kind))
		if r.Status != 200 || r.Doc().Find("[name='"+field+"']").Length() != 1 {
			t.Errorf("%s has no field %s (%d)", kind, field, r.Status)
		}
	}
	f = with(f, "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes", "action-2-type", "QUICK_REPLY", "action-2-title", "No")
	if r := otto.post("/templates/parts?do=add-action", f); r.Doc().Find("[data-testid=action]").Length() != 3 {
		t.Error("no third button")
	}
	r := otto.post("/templates/save", with(f, "do", "remove-action-1"))
	if v, _ := r.Doc().Find("[name=action-1-title]").Attr("value"); v != "No" || r.Doc().Find("[data-testid=action]").Length() != 1 {
		t.Errorf("without script: %q", v)
	}
	for _, do := range []string{"remove-action-99", "add-card-9-action", "remove-card-0-action-0", "add-item", "nonsense"} {
		if r := otto.post("/templates/parts?do="+do, f); r.Status != 200 {
			t.Errorf("%s: %d", do, r.Status)
		}
	}
}

// Every type goes through review, or becomes ready; each template's page shows its content.
func TestEveryTypeIsSubmitted(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	for name, c := range map[string]struct {
		f     url.Values
		state string
	}{
		"media":    {with(draftForm("a_media", "Your plan is here, please have a look."), "type", "twilio/media", "media", "https://example.com/plan.pdf"), "approved"},
		"replies":  {with(draftForm("a_reply", "Can you come on Monday at nine?"), "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes"), "approved"},
		"action":   {with(draftForm("an_action", "Your parcel {{1}} is on its way to you.", "1", "JD01"), "type", "twilio/call-to-action", "action-1-type", "URL", "action-1-title", "Track", "action-1-value", "https://example.com/{{1}}"), "approved"},
		"card":     {with(draftForm("a_card", "Your order is ready for pick-up."), "type", "whatsapp/card", "header", "Your order", "footer", "Harbor"), "approved"},
		"code":     {with(draftForm("a_code", ""), "type", "whatsapp/authentication", "category", "AUTHENTICATION", "copy", "Copy code", "minutes", "5", "advice", "yes"), "approved"},
		"carousel": {with(draftForm("a_carousel", "These rooms are reserved for you:"), "type", "twilio/carousel", "card-1-body", "One", "card-1-media", "https://example.com/1.png", "card-1-action-1-type", "QUICK_REPLY", "card-1-action-1-title", "Take it", "card-2-body", "Two", "card-2-media", "https://example.com/2.png", "card-2-action-1-type", "QUICK_REPLY", "card-2-action-1-title", "Take it"), "approved"},
		"list":     {with(draftForm("a_list", "Which day suits you?"), "type", "twilio/list-picker", "button", "Choose", "item-1-title", "Monday"), "ready"},
		"place":    {with(draftForm("a_place", ""), "type", "twilio/location", "latitude", "52.52", "longitude", "13.4", "label", "Harbor Clinic"), "ready"},
	} {
		page := otto.submitted(c.f, c.state)
		if text := otto.get(page).Text(); name == "code" && !strings.Contains(text, "is your verification code. For your security, do not share this code. This code expires in 5 minutes.") {
			t.Errorf("%s: %s", name, text)
		}
	}
	// In an open session the list goes out as it is, and the answer names the item.
	conv := a.joined(noor, "Noor", "Hello")
	var list templates.TemplateVersion
	ready, err := templates.Read(a.Store).ReadyVersions(t.Context())
	if err != nil || len(ready) != 2 {
		t.Fatal(ready, err)
	}
	for _, v := range ready {
		if v.ContentType == whatsapp.TypeListPicker {
			list = v
		}
	}
	if r := otto.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {list.PublicID}, "token": {"l"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("list: %d %s", r.Status, r.Text())
	}
	a.eventually("the list is on the phone", func() bool {
		for _, m := range a.Sim.Messages(noor) {
			if m.Rich != nil && len(m.Rich.Items) == 1 && m.DeliveredToPhone {
				return true
			}
		}
		return false
	})
	a.Sim.MoveClock(25 * 3600e9)
	if r := otto.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {list.PublicID}, "token": {"l2"}}); r.Status == http.StatusSeeOther || !strings.Contains(r.Text(), "session with Noor is closed") {
		t.Errorf("a session message outside the session: %d %s", r.Status, r.Text())
	}
}
