package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/models/templates"
	"parley/simulator"
)

// approvedTemplate drafts a template and waits for its approval.
func (a *app) approvedTemplate(otto *visitor, name, body string, samples ...string) *templates.TemplateVersion {
	a.t.Helper()
	v := a.versionOf(otto.submitted(draftForm(name, body, samples...), "approved"))
	return &v
}

// crowd makes n contacts who are opted in, with phones, and returns the ids' order.
func (a *app) crowd(n int) []string {
	a.t.Helper()
	var out []string
	for i := range n {
		phone := fmt.Sprintf("+49151%08d", 10000000+i)
		a.Sim.AddCustomer(phone, fmt.Sprintf("Person %d", i))
		out = append(out, phone)
	}
	a.exec(`WITH c AS (INSERT INTO contacts (name, phone, country, consent, consent_at) SELECT 'Person ' || i, '+49151' || (10000000 + i), 'DE', 'opted_in', now() FROM generate_series(0, ` + strconv.Itoa(n-1) + `) i RETURNING id, phone)
		INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM c`)
	return out
}

func (a *app) number(sql string, args ...any) int {
	a.t.Helper()
	var n int
	if err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), sql, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *app) base(v *templates.TemplateVersion, token string) url.Values {
	return url.Values{"sender": {a.sender(false).PublicID}, "template": {v.PublicID}, "use_case": {"notification"}, "token": {token}, "do": {"check"}, "valid_hours": {"24"}, "stop_percent": {"25"}}
}

func (a *app) state(v *visitor, page string) string {
	s, _ := v.get(page).Doc().Find("#notification").Attr("data-state")
	return s
}

// checked posts the form and waits for the dry run.
func (a *app) checked(v *visitor, form url.Values) string {
	a.t.Helper()
	r := v.post("/notifications", form)
	if r.Status != http.StatusSeeOther {
		a.t.Fatalf("%d %s", r.Status, r.Text())
	}
	page := r.Header.Get("Location")
	a.eventually("the dry run", func() bool { return a.state(v, page) == "checked" })
	return page
}

// The dry run counts the whole audience with reasons, and each reason has its list; nothing is sent before somebody
// confirms it.
func TestDryRun(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit on {{Date}} is near.", "Name", "Noor", "Date", "Tuesday")
	phones := a.crowd(6)
	a.exec("UPDATE contacts SET consent = 'opted_out' WHERE phone = '" + phones[1] + "'")
	a.exec("UPDATE contacts SET consent = 'none', consent_at = NULL WHERE phone = '" + phones[2] + "'")
	a.exec("UPDATE contacts SET blocked_at = now() WHERE phone = '" + phones[3] + "'")
	list := "Number,When\n" + phones[0] + ",Monday\n" + phones[1] + ",Monday\n" + phones[2] + ",Monday\n" + phones[3] + ",Monday\n" + phones[4] + ",\n" + phones[5] + ",Friday\n" + strings.Replace(phones[0], "+49", "0049 ", 1) + ",again\n+4915999999999,Monday\nnot a number,x\n"
	form := with(a.base(v, "dry"), "audience", "list", "list", list, "value-1", "", "from-1", "field:first_name", "default-1", "you", "value-2", "When", "from-2", "column")
	page := a.checked(otto, form)
	d := otto.get(page).Doc()
	if got := d.Find("[data-testid=allowed]").Text(); got != "2" {
		t.Errorf("%s get it, want 2", got)
	}
	for reason, n := range map[string]string{"opted_out": "1", "not_opted_in": "1", "blocked": "1", "no_value": "1", "duplicate": "1", "unknown": "1", "bad_number": "1"} {
		row := d.Find("[data-reason=" + reason + "]")
		href, _ := row.Find("a").Attr("href")
		if !strings.Contains(row.Find("a").Text(), n) || otto.get(href).Doc().Find("[data-testid=recipient]").Length() != 1 {
			t.Errorf("%s: %q, list behind it %s", reason, row.Text(), href)
		}
	}
	previews := d.Find("[data-testid=real-preview]")
	if text := previews.Text(); previews.Length() != 2 || !strings.Contains(text, "Hello Person, your visit on Monday") || !strings.Contains(text, "on Friday") {
		t.Errorf("previews: %d %q", previews.Length(), text)
	}
	if text := d.Find("[data-testid=cost]").Text(); !strings.Contains(text, "USD 0.1012") { // two times 0.0456 and 0.005
		t.Errorf("cost %q", text)
	}
	if n := a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL"); n != 0 {
		t.Errorf("%d messages after a dry run", n)
	}
	// The export contains everybody; a name that looks like a formula is escaped.
	if text := otto.get(page + "/recipients.csv").Body; strings.Count(text, "\n") != 10 || !strings.Contains(text, "Twice in the list") {
		t.Errorf("export: %s", text)
	}
	// An edit keeps the list; an outdated form is refused.
	edit := otto.get(page + "/edit")
	if edit.Doc().Find("[data-testid=kept-list]").Length() != 1 {
		t.Error("the list is not kept")
	}
	version, _ := edit.Doc().Find("[name=version]").Attr("value")
	again := with(form, "version", version, "list", "", "value-2", "Thursday", "from-2", "fixed")
	if r := otto.post(page, again); r.Status != 303 {
		t.Fatalf("edit: %d %s", r.Status, r.Text())
	}
	a.eventually("checked again", func() bool {
		return a.state(otto, page) == "checked" && otto.get(page).Doc().Find("[data-testid=allowed]").Text() == "3"
	})
	if r := ada.post(page, again); r.Status != 409 {
		t.Errorf("a stale form: %d", r.Status)
	}
	// A contact who has opted out since the dry run gets nothing.
	a.exec("UPDATE contacts SET consent = 'opted_out' WHERE phone = '" + phones[5] + "'")
	if r := otto.post(page+"/start", nil); r.Status != 303 {
		t.Fatalf("start: %d %s", r.Status, r.Text())
	}
	a.eventually("it is finished", func() bool { return a.state(otto, page) == "finished" })
	for i, want := range []int{1, 0, 0, 0, 1, 0} {
		if n := len(a.Sim.Messages(phones[i])); n != want {
			t.Errorf("person %d got %d messages, want %d", i, n, want)
		}
	}
	if r := otto.post(page+"/start", nil); r.Status != 409 {
		t.Errorf("started twice: %d", r.Status)
	}
}

// Invalid input is refused beside its field, and no input is lost.
func TestNotificationFormRefuses(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit on {{Date}} is near.", "Name", "Noor", "Date", "Tuesday")
	a.crowd(1)
	good := with(a.base(v, "x"), "audience", "filter", "value-1", "you", "value-2", "Kept Tuesday")
	for field, bad := range map[string]string{"audience": "everybody", "use_case": "promotion", "template": "nope", "sender": "nope", "send_at": "tomorrow", "quiet_from": "25:00", "speed": "fast", "valid_hours": "0", "stop_percent": "101", "segment": "nope", "value-1": "two\nlines", "name": strings.Repeat("n", 101)} {
		form := with(good, field, bad)
		if field == "send_at" {
			form.Set("when", "later")
		}
		if field == "audience" {
			form.Set("audience", "everybody")
		}
		r := otto.post("/notifications", form)
		where := map[string]string{"audience": "contacts"}[field]
		if where == "" {
			where = field
		}
		if r.Status != 422 || r.Problem(where) == "" || !strings.Contains(r.Body, "Kept Tuesday") && field != "sender" && field != "template" {
			t.Errorf("%s = %.12q: %d %q", field, bad, r.Status, r.Problem(where))
		}
	}
	for _, list := range []string{"", "no phone number here,at all\nnone,either"} {
		if r := otto.post("/notifications", with(good, "audience", "list", "list", list)); r.Status != 422 || r.Problem("list") == "" {
			t.Errorf("list %q: %d", list, r.Status)
		}
	}
	if n := a.number("SELECT count(*) FROM notifications"); n != 0 {
		t.Errorf("%d notifications were made by refused forms", n)
	}
}

// A large notification needs the approval of a second person, who is not its author.
func TestSecondPersonApproves(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(4)
	if r := ada.post("/notifications/settings", url.Values{"per_day": {"0"}, "min_hours": {"0"}, "approve_above": {"3"}, "prices": {"* UTILITY 0.01"}, "prices_of": {"2026-10-01"}, "currency": {"eur"}}); r.Status != 303 {
		t.Fatalf("rules: %d %s", r.Status, r.Text())
	}
	page := a.checked(otto, with(a.base(v, "big"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	if s := a.state(otto, page); s != "awaiting" {
		t.Fatalf("it is %s", s)
	}
	if r := otto.post(page+"/approve", nil); r.Status != 409 || !strings.Contains(r.Text(), "second person") {
		t.Errorf("one's own approval: %d", r.Status)
	}
	if !strings.Contains(ada.get("/alerts").Text(), "waits for approval") {
		t.Error("nobody was told")
	}
	if r := ada.post(page+"/approve", nil); r.Status != 303 {
		t.Errorf("approve: %d", r.Status)
	}
	a.eventually("everybody got it", func() bool { return a.state(ada, page) == "finished" })
	if n := len(a.Sim.Messages(phones[3])); n != 1 {
		t.Errorf("%d messages", n)
	}
	for field, bad := range map[string]string{"per_day": "some", "min_hours": "-1", "approve_above": "x", "prices": "DE UTILITY", "prices_of": "soon", "currency": "euro"} {
		form := url.Values{"per_day": {"0"}, "min_hours": {"0"}, "approve_above": {"0"}, "prices": {"* UTILITY 0.01"}, "prices_of": {"2026-10-01"}, "currency": {"EUR"}}
		if r := ada.post("/notifications/settings", with(form, field, bad)); r.Status != 422 || r.Problem(field) == "" || !strings.Contains(r.Body, bad) {
			t.Errorf("%s = %q: %d %q", field, bad, r.Status, r.Problem(field))
		}
	}
}

// A pause takes effect within a second, a reply by hand overtakes queued messages, resuming continues, and each person
// gets one message.
func TestPauseResumeCancel(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(120)
	a.exec("UPDATE senders SET messages_per_second = 40")
	a.Sim.Write(phones[119], simulator.BusinessPhone, simulator.Outgoing{Body: "A question"})
	c := a.conversation(phones[119], 1)
	page := a.checked(otto, with(a.base(v, "run"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	a.eventually("it runs", func() bool { return len(a.Sim.Messages("")) > 20 })
	if r := otto.post(page+"/pause", nil); r.Status != 303 {
		t.Fatalf("pause: %d", r.Status)
	}
	time.Sleep(time.Second)
	held := len(a.Sim.Messages(""))
	if text := otto.get(page).Doc(); text.Find("[data-testid=resume-notification]").Length() != 1 {
		t.Error("it can't be resumed")
	}
	otto.post("/conversations/"+c.PublicID+"/replies", reply("An answer meanwhile"))
	a.eventually("the reply leaves", func() bool { return len(a.Sim.Messages("")) == held+1 })
	if n := len(a.Sim.Messages("")); n != held+1 {
		t.Errorf("%d left while it was paused", n-held-1)
	}
	otto.post(page+"/resume", nil)
	a.eventually("finished", func() bool { return a.state(otto, page) == "finished" })
	for _, p := range phones {
		n := 0
		for _, m := range a.Sim.Messages(p) {
			if m.ContentSid != "" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s got it %d times", p, n)
		}
	}
	if r := otto.post(page+"/cancel", nil); r.Status != 409 {
		t.Errorf("a finished one is canceled: %d", r.Status)
	}
	// Another notification is canceled in the middle.
	second := a.checked(otto, with(a.base(v, "stop"), "audience", "filter", "value-1", "you"))
	before := len(a.Sim.Messages(""))
	otto.post(second+"/start", nil)
	a.eventually("it runs", func() bool { return len(a.Sim.Messages("")) > before+5 })
	otto.post(second+"/cancel", nil)
	time.Sleep(700 * time.Millisecond)
	stopped := len(a.Sim.Messages(""))
	time.Sleep(500 * time.Millisecond)
	if n := len(a.Sim.Messages("")); n != stopped || stopped >= before+120 || a.state(otto, second) != "canceled" {
		t.Errorf("%d left after the cancel; %d in all", n-stopped, stopped-before)
	}
	a.eventually("nothing waits", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'queued'") == 0 })
}

// WhatsApp's limit of different people in 24 hours is never exceeded; messages above it wait.
func TestTierIsKept(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(30)
	a.eventually("the sender is known at Twilio", func() bool { return a.sender(false).TwilioSid != nil })
	a.exec("UPDATE senders SET tier = 12, messaging_limit = '12 Customers/24hr', twilio_status = 'ASKED' WHERE kind = 'business'") // ASKED: polling leaves it alone
	page := a.checked(otto, with(a.base(v, "tier"), "audience", "filter", "value-1", "you"))
	if text := otto.get(page).Doc().Find("[data-testid=headroom]").Text(); !strings.Contains(text, "12 different people") || !strings.Contains(text, "3 days") {
		t.Errorf("the dry run says %q", text)
	}
	otto.post(page+"/start", nil)
	a.eventually("the limit is used up", func() bool { return len(a.Sim.Messages("")) == 12 })
	time.Sleep(time.Second)
	if n := len(a.Sim.Messages("")); n != 12 {
		t.Errorf("%d different people", n)
	}
	// A template within a session does not count towards the limit.
	var late string
	for _, p := range phones {
		if len(a.Sim.Messages(p)) == 0 {
			late = p
			break
		}
	}
	a.Sim.Write(late, simulator.BusinessPhone, simulator.Outgoing{Body: "Me too"})
	a.eventually("who writes gets it", func() bool { return len(a.Sim.Messages(late)) == 2 })
	a.exec("UPDATE notifications SET valid_until = now() + interval '10 days'")
	a.exec("UPDATE messages SET valid_until = now() + interval '10 days' WHERE valid_until IS NOT NULL")
	a.Sim.MoveClock(25 * time.Hour)
	a.eventually("the next day goes on", func() bool { return len(a.Sim.Messages("")) >= 25 })
}
