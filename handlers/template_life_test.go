package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/simulator"
	"parley/whatsapp"
)

// customers adds contacts who wrote to the business's own number and are opted in; it returns their public ids.
func (a *app) customers(phones ...string) []string {
	a.t.Helper()
	var ids []string
	for i, phone := range phones {
		a.Sim.AddCustomer(phone, "Customer "+strconv.Itoa(i+1))
		a.Sim.Write(phone, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
		c := a.conversation(phone, 1)
		if r := a.as("otto").post("/contacts/"+c.Contact.PublicID+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "proof": {"form 1"}}); r.Status != http.StatusSeeOther {
			a.t.Fatalf("consent: %d %s", r.Status, r.Text())
		}
		ids = append(ids, c.Contact.PublicID)
	}
	return ids
}

func (a *app) sender(sandbox bool) senders.Sender {
	a.t.Helper()
	list, err := senders.Read(a.Store).Senders(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	for _, s := range list {
		if s.Sandbox() == sandbox {
			return s
		}
	}
	a.t.Fatal("no such sender")
	return senders.Sender{}
}

func (a *app) versionOf(page string) templates.TemplateVersion {
	a.t.Helper()
	tpl, err := templates.Read(a.Store).TemplateByPublicID(a.t.Context(), page[strings.LastIndex(page, "/")+1:])
	if err != nil || len(tpl.Versions) == 0 {
		a.t.Fatal(page, err)
	}
	v := tpl.Versions[0]
	v.Template = tpl
	return v
}

func (a *app) exec(sql string, args ...any) {
	a.t.Helper()
	if _, err := modelstest.PoolOf(a.Store).Exec(a.t.Context(), sql, args...); err != nil {
		a.t.Fatal(err)
	}
}

// WhatsApp pauses a template, approves it again and moves it to marketing, each time without a notification. Parley
// detects it and alerts the author, and notifications with it stop until somebody decides.
func TestWhatsAppChangesItsMind(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	ids := a.customers("+4915111111111", "+4915122222222", "+4915133333333")
	page := otto.submitted(draftForm("visit_soon", "Hello {{Name}}, your visit is near.", "Name", "Noor"), "approved")
	v := a.versionOf(page)
	a.exec("UPDATE senders SET messages_per_second = 0.001")
	send := func(token string) string {
		r := otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {"you"}, "token": {token}})
		if r.Status != http.StatusSeeOther {
			t.Fatalf("send: %d %s", r.Status, r.Text())
		}
		return r.Header.Get("Location")
	}
	n := send("one")
	a.eventually("it runs", func() bool { return a.state(otto, n) == "running" })
	a.Sim.Decide(*v.ContentSid, "paused", "people reported it", "")
	a.eventually("the notification stops", func() bool { return strings.Contains(otto.get(n).Text(), "Paused by itself") })
	if text := otto.get("/alerts").Text(); !strings.Contains(text, "was paused by WhatsApp") || !strings.Contains(text, "One notification is paused") {
		t.Errorf("alert: %s", text)
	}
	if r := otto.post(n+"/resume", nil); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "can't go on") {
		t.Errorf("a paused template's notification goes on: %d", r.Status)
	}
	if r := otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {"x"}, "token": {"two"}}); r.Status != 422 || !strings.Contains(r.Problem("template"), "paused") {
		t.Errorf("a paused template is sent: %d %q", r.Status, r.Problem("template"))
	}
	a.Sim.Decide(*v.ContentSid, "approved", "", "")
	a.eventually("it is approved again", func() bool { return a.versionOf(page).State == whatsapp.Approved })
	if r := otto.post(n+"/resume", nil); r.Status != http.StatusSeeOther || strings.Contains(otto.get(n).Text(), "Paused by itself") {
		t.Errorf("resume: %d %s", r.Status, otto.get(n).Text())
	}
	a.Sim.Decide(*v.ContentSid, "", "", "MARKETING")
	a.eventually("the move is noticed", func() bool { return a.versionOf(page).Category == whatsapp.Marketing })
	if text := otto.get("/alerts").Text(); !strings.Contains(text, "was moved to marketing") {
		t.Errorf("alert: %s", text)
	}
	if !strings.Contains(otto.get(n).Text(), "Paused by itself") || !strings.Contains(otto.get(page).Text(), "counts this version as marketing") {
		t.Error("the move stops nothing")
	}
	// The last check: even a message that got past the others is refused at the moment of sending. It belongs to a
	// finished notification, because the runner pauses a running one again, sometimes before the message is claimed.
	a.exec("UPDATE notifications SET state = 'finished', finished_at = now()")
	a.exec("UPDATE senders SET messages_per_second = 500")
	a.eventually("the rest is refused", func() bool {
		var left, refused int
		err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE error_message = 'promotion') FROM messages WHERE version_id = $1", v.ID).Scan(&left, &refused)
		return err == nil && left == 0 && refused > 0
	})
}

// A message that fails because its template was stopped triggers a poll at once.
func TestFailedTemplateIsLookedAt(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	ids := a.customers("+4915111111111")
	page := otto.submitted(draftForm("visit_soon", "Hello {{Name}}, your visit is near.", "Name", "Noor"), "approved")
	v := a.versionOf(page)
	a.Sim.MoveClock(25 * time.Hour)
	a.Sim.Decide(*v.ContentSid, "disabled", "", "")
	otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {"you"}, "token": {"t"}})
	a.eventually("it is disabled here too", func() bool { return a.versionOf(page).State == whatsapp.Disabled })
}

// Each person gets their language; a person without a value for a placeholder is excluded, with the reason.
func TestLanguagesOfANotification(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	ids := a.customers("+34600111111", "+351911111111", "+4915111111111", "+4915122222222")
	for i, l := range []string{"es_MX", "pt_PT", "fr", ""} {
		a.exec("UPDATE contacts SET language = $1, name = $2 WHERE public_id = $3", l, "Person "+strconv.Itoa(i+1), ids[i])
	}
	a.exec("UPDATE contacts SET name = '', profile_name = '' WHERE public_id = $1", ids[3])
	en := with(draftForm("visit", "Hello {{Name}}, your visit is on {{Date}} at nine.", "Name", "Noor", "Date", "Monday"), "field-Name", "name")
	page := otto.submitted(en, "approved")
	for language, body := range map[string]string{"es": "Hola {{Name}}, tu visita es el {{Date}} a las nueve.", "pt_BR": "Olá, no dia {{Date}} esperamos sua visita, {{Name}}, às nove."} {
		r := otto.post(page+"/languages", url.Values{"language": {language}})
		f := opened(with(draftForm("visit", body, "Name", "Noor", "Date", "Monday"), "language", language, "field-Name", "name"), otto.get(r.Header.Get("Location")))
		otto.submitted(f, "approved")
		a.eventually(language+" is approved", func() bool {
			return otto.get(page).Doc().Find("[data-language="+language+"] [data-state=approved]").Length() == 1
		})
	}
	main := otto.get(page).Doc().Find("[data-language=en] a[href*='/notifications/new']")
	href, _ := main.Attr("href")
	form := url.Values{"sender": {a.sender(false).PublicID}, "template": {strings.TrimPrefix(href, "/notifications/new?template=")}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {""}, "value-2": {"Monday"}, "token": {"t"}}
	if r := otto.post("/notifications", with(form, "value-2", "")); r.Status != 422 || r.Problem("value-2") == "" || r.Problem("value-1") != "" {
		t.Errorf("a missing value: %d %q %q", r.Status, r.Problem("value-1"), r.Problem("value-2"))
	}
	r := otto.post("/notifications", form)
	if r.Status != http.StatusSeeOther {
		t.Fatalf("send: %d %s", r.Status, r.Text())
	}
	for phone, body := range map[string]string{"+34600111111": "Hola Person 1, tu visita es el Monday a las nueve.", "+351911111111": "Olá, no dia Monday esperamos sua visita, Person 2, às nove.", "+4915111111111": "Hello Person 3, your visit is on Monday at nine."} {
		a.eventually(phone+" gets it", func() bool {
			for _, m := range a.Sim.Messages(phone) {
				if m.Body == body && m.Status == "delivered" {
					return true
				}
			}
			return false
		})
	}
	if text := otto.get(r.Header.Get("Location")).Text(); !strings.Contains(text, "A placeholder has no value") {
		t.Errorf("the nameless one: %s", text)
	}
}

// A test of a draft goes only to the user's own phone in an open session, as text or with its buttons.
func TestTestSend(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	r := otto.post("/templates/autosave", with(draftForm("try_me", "Hello {{Name}}, can you come?", "Name", "Noor"), "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes"))
	f := url.Values{"id": {r.Header.Get("X-Draft")}, "version": {"1"}, "test_phone": {noor}, "test_sender": {a.sender(true).PublicID}}
	if r := otto.post("/templates/test", f); r.Status != 422 || !strings.Contains(r.Text(), "join "+simulator.JoinWords) {
		t.Errorf("without a session: %d %s", r.Status, r.Text())
	}
	if r := otto.post("/templates/test", with(f, "test_phone", "12")); r.Status != 422 || !strings.Contains(r.Text(), "too short") {
		t.Errorf("a bad number: %d %s", r.Status, r.Text())
	}
	a.joined(noor, "Noor", "Hello")
	if r := otto.post("/templates/test", f); r.Status != 200 || r.Doc().Find("[data-testid=test-sent]").Length() != 1 {
		t.Fatalf("test: %d %s", r.Status, r.Text())
	}
	a.eventually("it is on the phone with its button", func() bool {
		for _, m := range a.Sim.Messages(noor) {
			if m.Body == "Hello Noor, can you come?" && m.Rich != nil && len(m.Rich.Actions) == 1 && m.DeliveredToPhone {
				return true
			}
		}
		return false
	})
	// The draft was changed and is tested again, which needs a content of its own.
	otto.post("/templates/autosave", with(draftForm("try_me", "Hello {{Name}}, can you come on Monday?", "Name", "Noor"), "id", f.Get("id"), "version", "1", "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes"))
	otto.post("/templates/test", with(f, "version", "2"))
	a.eventually("the new text too", func() bool {
		for _, m := range a.Sim.Messages(noor) {
			if m.Body == "Hello Noor, can you come on Monday?" {
				return true
			}
		}
		return false
	})
	a.Sim.MoveClock(25 * time.Hour)
	if r := otto.post("/templates/test", with(f, "version", "2")); r.Status != 422 {
		t.Errorf("after the session: %d %s", r.Status, r.Text())
	}
}

// A setting says who may send a template; archived and deleted ones can't be used, and a deleted name is locked.
func TestTemplateSettings(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ana := a.as("otto"), a.as("ana")
	a.customers("+4915111111111")
	conv := a.conversation("+4915111111111", 1)
	page := otto.submitted(draftForm("visit_soon", "Your visit to our clinic is near."), "approved")
	v := a.versionOf(page)
	send := func(who *visitor, token string) answer {
		return who.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {v.PublicID}, "token": {token}})
	}
	if r := send(ana, "1"); r.Status != http.StatusSeeOther {
		t.Fatalf("ana sends: %d %s", r.Status, r.Text())
	}
	if r := otto.post(page+"/settings", url.Values{"send_role": {"operator"}, "fallback_language": {"en"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("settings: %d %s", r.Status, r.Text())
	}
	if r := otto.post(page+"/settings", url.Values{"send_role": {"king"}, "fallback_language": {"en"}}); r.Status != 422 || r.Problem("send_role") == "" {
		t.Errorf("no such role: %d", r.Status)
	}
	if r := otto.post(page+"/settings", url.Values{"send_role": {"agent"}, "fallback_language": {"fr"}}); r.Status != 422 || r.Problem("fallback_language") == "" {
		t.Errorf("no such language: %d", r.Status)
	}
	if r := send(ana, "2"); r.Status != 422 || !strings.Contains(r.Problem("template"), "operators") {
		t.Errorf("ana may not: %d %q", r.Status, r.Problem("template"))
	}
	if strings.Contains(ana.get("/inbox/"+conv.PublicID+"?mode=template").Body, v.PublicID) {
		t.Error("ana is offered what she may not send")
	}
	if r := send(otto, "3"); r.Status != http.StatusSeeOther {
		t.Errorf("otto may: %d", r.Status)
	}
	a.eventually("its use is counted", func() bool {
		return strings.Contains(otto.get(page).Doc().Find("[data-testid=use]").Text(), "2 times by hand")
	})
	otto.post(page+"/archive", url.Values{"archive": {"yes"}})
	listed := func(path string) bool {
		return strings.Contains(otto.get(path).Doc().Find("#templates").Text(), "visit_soon")
	}
	if listed("/templates?view=list") || !listed("/templates?view=list&state=archived") {
		t.Error("archived ones are listed by themselves only")
	}
	otto.post(page+"/archive", nil)
	if !listed("/templates?view=list") {
		t.Error("not restored")
	}
	if r := otto.post(page+"/delete", nil); r.Status != http.StatusSeeOther {
		t.Fatalf("delete: %d", r.Status)
	}
	if r := send(otto, "4"); r.Status == http.StatusSeeOther {
		t.Error("a deleted template is sent")
	}
	r := otto.post("/templates/save", with(draftForm("visit_soon", "Your visit to our clinic is very near."), "do", "submit"))
	if r.Status != 422 || !strings.Contains(r.Problem("name"), "keeps the name until") {
		t.Errorf("the name is locked: %d %q", r.Status, r.Problem("name"))
	}
	a.eventually("it is gone at Twilio", func() bool {
		for _, c := range a.Sim.Contents() {
			if c.Sid == *v.ContentSid {
				return false
			}
		}
		return true
	})
	// Discarding the only draft also deletes its template; a duplicate is a separate template.
	r = otto.post("/templates/library", url.Values{"name": {"order_shipped"}})
	edit := r.Header.Get("Location")
	if !strings.HasSuffix(edit, "/edit") || !strings.Contains(otto.get(edit).Body, "Follow the parcel") {
		t.Fatalf("starter: %s", edit)
	}
	copied := otto.post(strings.TrimSuffix(edit, "/edit")+"/duplicate", nil).Header.Get("Location")
	if v, _ := otto.get(copied).Doc().Find("#name").Attr("value"); v != "order_shipped_copy" {
		t.Errorf("copy: %q", v)
	}
	if r := otto.post(strings.TrimSuffix(copied, "/edit")+"/discard", nil); r.Status != http.StatusSeeOther || otto.get(copied).Status != 404 {
		t.Errorf("discard: %d", r.Status)
	}
}

// A Sandbox template is sent by its exact text; any other text is refused with the difference.
func TestSandboxTemplateByText(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	conv := a.joined(noor, "Noor", "Hello")
	a.Sim.MoveClock(25 * time.Hour)
	ana := a.as("ana")
	path := "/conversations/" + conv.PublicID + "/templates"
	r := ana.post(path, url.Values{"text": {"Your appointment is coming up at 3 pm"}, "token": {"a"}})
	if r.Status != 422 || r.Problem("text") == "" || !strings.Contains(r.Doc().Find("[data-testid=typed-difference] del").Text(), "on") {
		t.Errorf("not to the letter: %d %q", r.Status, r.Doc().Find("[data-testid=typed-difference]").Text())
	}
	before := len(a.Sim.Messages(noor))
	if r := ana.post(path, url.Values{"text": {"Your appointment is coming up on July 21 at 3 pm"}, "token": {"b"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("to the letter: %d %s", r.Status, r.Text())
	}
	a.eventually("it arrives as a template", func() bool {
		list := a.Sim.Messages(noor)
		last := list[len(list)-1]
		return len(list) == before+1 && last.ContentSid == "HXb5b62575e6e4ff6129ad7c8efe1f983e" && last.Status == "delivered" && last.Body == "Your appointment is coming up on July 21 at 3 pm"
	})
}

// A rich content whose call ended without an answer is found at Twilio and not sent again, although Twilio's body of it
// differs from ours.
func TestRichContentInDoubt(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	conv := a.joined(noor, "Noor", "Where are you?")
	otto.submitted(with(draftForm("our_place", ""), "type", "twilio/location", "latitude", "52.52", "longitude", "13.4", "label", "Harbor Clinic"), "ready")
	ready, err := templates.Read(a.Store).ReadyVersions(t.Context())
	if err != nil || len(ready) != 1 {
		t.Fatal(ready, err)
	}
	a.Sim.SetFaults(simulator.Faults{CutOff: 1})
	if r := otto.post("/conversations/"+conv.PublicID+"/templates", url.Values{"template": {ready[0].PublicID}, "token": {"p"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("send: %d %s", r.Status, r.Text())
	}
	a.eventually("it is settled", func() bool {
		list := a.thread(conv)
		return list[len(list)-1].Status == whatsapp.Delivered
	})
	n := 0
	for _, m := range a.Sim.Messages(noor) {
		if m.Latitude != "" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the place went out %d times", n)
	}
}

// A tap on a button that says Yes or Cancel answers the question above it: it is neither an opt-in nor an opt-out. A
// tap on one that says Stop is an opt-out.
func TestTapsAreNoKeywords(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.customers("+4915111111111")
	conv := a.conversation("+4915111111111", 1)
	consent := func() whatsapp.Consent {
		c, err := people.Read(a.Store).ContactByPublicID(t.Context(), conv.Contact.PublicID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Consent
	}
	tap := func(title string, n int) {
		a.Sim.Write("+4915111111111", simulator.BusinessPhone, simulator.Outgoing{Body: title, Tap: &simulator.Tap{Title: title, ID: "x"}})
		a.conversation("+4915111111111", n)
	}
	tap("Cancel", 2)
	if consent() != whatsapp.OptedIn {
		t.Error("canceling an appointment opted the person out")
	}
	tap("STOP", 3)
	if consent() != whatsapp.OptedOut {
		t.Error("a Stop button does not opt out")
	}
	tap("Yes", 4)
	if consent() != whatsapp.OptedOut {
		t.Error("saying yes to a question opted the person in again")
	}
}
