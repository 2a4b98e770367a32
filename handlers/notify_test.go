package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/simulator"
)

// approvedTemplate drafts a template and waits for its approval.
func (a *app) approvedTemplate(otto *visitor, name, body string, samples ...string) *models.TemplateVersion {
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
	if err := a.Store.Pool().QueryRow(a.t.Context(), sql, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *app) base(v *models.TemplateVersion, token string) url.Values {
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

// The dry run counts everybody with a reason, and each reason has its list; nothing leaves before somebody says so.
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
	// The export holds everybody; a name that looks like a formula is none.
	if text := otto.get(page + "/recipients.csv").Body; strings.Count(text, "\n") != 10 || !strings.Contains(text, "Twice in the list") {
		t.Errorf("export: %s", text)
	}
	// Edit keeps the list; a stale form is refused.
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
	// Since the dry run somebody opted out: they get nothing.
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

// Bad input is refused beside its field, and nothing that was typed is lost.
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

// A large one needs a second person, who is not the one who drafted it.
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

// Pause holds within the second, a reply by hand overtakes what waits, resume goes on, and each person gets it once.
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
	// And one that is canceled in the middle.
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

// WhatsApp's limit of different people in 24 hours is kept; what goes beyond waits.
func TestTierIsKept(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(30)
	a.eventually("the sender is known at Twilio", func() bool { return a.sender(false).TwilioSid != nil })
	a.exec("UPDATE senders SET tier = 12, messaging_limit = '12 Customers/24hr', twilio_status = 'ASKED' WHERE kind = 'business'") // ASKED: the watch leaves it alone
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
	// Within a session a template counts for nothing.
	var late string
	for _, p := range phones {
		if len(a.Sim.Messages(p)) == 0 {
			late = p
			break
		}
	}
	a.Sim.Write(late, simulator.BusinessPhone, simulator.Outgoing{Body: "Me too"})
	a.eventually("who writes gets it", func() bool { return len(a.Sim.Messages(late)) == 2 })
	a.Sim.MoveClock(25 * time.Hour)
	a.exec("UPDATE notifications SET valid_until = now() + interval '10 days'")
	a.eventually("the next day goes on", func() bool { return len(a.Sim.Messages("")) >= 25 })
}

// Where WhatsApp's limit is lower than Parley knows, Twilio fails what goes beyond with 63018: the sender slows down by
// itself, and who was refused gets it the next day, once.
func TestBeyondTheLimit(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(260)
	a.eventually("the sender is known at Twilio", func() bool { return a.sender(false).TwilioSid != nil })
	a.exec("UPDATE senders SET tier = 0, messaging_limit = '', twilio_status = 'ASKED' WHERE kind = 'business'") // ASKED: the watch leaves it alone
	if !a.Sim.MoveSender(*a.sender(false).TwilioSid, "", "250 Customers/24hr", "") {
		t.Fatal("the simulator does not know the sender")
	}
	page := a.checked(otto, with(a.base(v, "beyond"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	a.eventually("250 have it", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL AND status = 'delivered'") == 250
	})
	a.eventually("the others wait", func() bool { return a.number("SELECT count(*) FROM message_attempts WHERE error_code = 63018") == 10 })
	if a.number("SELECT count(*) FROM senders WHERE slowed_at IS NOT NULL") != 1 {
		t.Error("the sender does not slow down")
	}
	if n := a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL AND status = 'failed'"); n != 0 {
		t.Errorf("%d are shown as failed", n)
	}
	a.exec("UPDATE notifications SET valid_until = now() + interval '10 days'")
	a.Sim.MoveClock(25 * time.Hour)
	a.eventually("everybody has it", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL AND status = 'delivered'") == 260
	})
	for _, p := range phones {
		got := 0
		for _, m := range a.Sim.Messages(p) {
			if m.DeliveredToPhone {
				got++
			}
		}
		if got != 1 {
			t.Errorf("%s got it %d times", p, got)
		}
	}
}

// What failed for a passing reason is sent again by itself; a wave of failures stops the rest.
func TestFailuresRetryOrStop(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(3)
	page := a.checked(otto, with(a.base(v, "retry"), "audience", "filter", "value-1", "you"))
	a.Sim.SetFaults(simulator.Faults{FailNext: 1, FailCode: 63010})
	otto.post(page+"/start", nil)
	a.eventually("one waits for its next try", func() bool { return a.number("SELECT count(*) FROM message_attempts WHERE error_code = 63010") == 1 })
	a.Sim.MoveClock(time.Hour)
	a.eventually("everybody has it", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL AND status = 'delivered'") == 3
	})
	got := 0
	for _, p := range phones {
		for _, m := range a.Sim.Messages(p) {
			if m.DeliveredToPhone {
				got++
			}
		}
	}
	if got != 3 {
		t.Errorf("%d messages arrived", got)
	}
	// A wave of failures.
	a.exec("INSERT INTO contacts (name, phone, consent, consent_at) SELECT 'Gone ' || i, '+4916' || (10000000 + i), 'opted_in', now() FROM generate_series(1, 200) i")
	a.exec("INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts WHERE name LIKE 'Gone%'")
	a.exec("UPDATE senders SET messages_per_second = 60")
	bad := a.checked(otto, with(a.base(v, "wave"), "audience", "filter", "value-1", "you"))
	otto.post(bad+"/start", nil)
	a.eventually("it stops by itself", func() bool { return strings.Contains(otto.get(bad).Text(), "Paused by itself") })
	if n := a.number("SELECT count(*) FROM messages WHERE status = 'failed'"); n > 150 {
		t.Errorf("%d failed before it stopped", n)
	}
	if text := otto.get(bad).Doc().Find("[data-testid=failure-code]").Text(); !strings.Contains(text, "recipient's address") {
		t.Errorf("failures: %q", text)
	}
}

// Afterwards: replies are marked, statistics are right, and a new notification goes to the right ones.
func TestAfterwards(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(5)
	page := a.checked(otto, with(a.base(v, "after"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	figure := func(label string) string { return otto.get(page).Doc().Find("[data-figure=" + label + "]").Text() }
	a.eventually("delivered", func() bool { return figure("Delivered") == "5" })
	a.Sim.ReadAll(phones[0], simulator.BusinessPhone)
	a.Sim.ReadAll(phones[1], simulator.BusinessPhone)
	a.eventually("read", func() bool { return figure("Read") == "2" })
	a.Sim.Write(phones[0], simulator.BusinessPhone, simulator.Outgoing{Body: "I'll come"})
	c := a.conversation(phones[0], 2)
	if c.State != models.ConversationOpen {
		t.Errorf("the reply leaves the conversation %s", c.State)
	}
	if text := otto.get("/inbox/" + c.PublicID).Doc().Find("[data-testid=answers]").Text(); !strings.Contains(text, "visit_near") {
		t.Error("the reply does not say what it answers")
	}
	a.Sim.Write(phones[2], simulator.BusinessPhone, simulator.Outgoing{Body: "STOP"})
	a.eventually("replies", func() bool { return figure("Replied") == "2" })
	if n := a.number("SELECT count(*) FROM conversations WHERE state = 'open'"); n != 2 {
		t.Errorf("%d conversations are open: a notification alone opens none", n)
	}
	report := otto.get("/reports/messages?by=template&days=1").Doc()
	row := ""
	for _, cell := range report.Find("[data-testid=report] tbody tr").First().Find("td").EachIter() {
		row += strings.TrimSpace(cell.Text()) + " "
	}
	if !strings.HasPrefix(row, "visit_near 5 5 2 0 2 1 ") {
		t.Errorf("the report says %q", row)
	}
	if text := otto.get("/reports/messages.csv?by=notification&days=1").Body; !strings.Contains(text, "visit_near,5,5,2,0,0,2,1,") {
		t.Errorf("the export says %q", text)
	}
	again := otto.post(page+"/again", url.Values{"who": {"unread"}})
	if again.Status != 303 {
		t.Fatalf("again: %d %s", again.Status, again.Text())
	}
	next := again.Header.Get("Location")
	a.eventually("its dry run", func() bool { return a.state(otto, next) == "checked" })
	d := otto.get(next).Doc()
	if got := d.Find("[data-testid=allowed]").Text(); got != "2" || !strings.Contains(d.Text(), "those who did not read it") {
		t.Errorf("%s did not read it, want 2: three, less the one who opted out", got)
	}
	if r := otto.post(page+"/again", url.Values{"who": {"failed"}}); r.Status != 409 || !strings.Contains(r.Text(), "nobody of that kind") {
		t.Errorf("again to nobody: %d", r.Status)
	}
	if r := otto.post(next+"/test", url.Values{"phone": {"12"}}); r.Status != 422 || r.Problem("phone") == "" {
		t.Errorf("a test to no number: %d", r.Status)
	}
	before := len(a.Sim.Messages(phones[1]))
	if r := otto.post(next+"/test", url.Values{"phone": {phones[1]}}); r.Status != 303 {
		t.Errorf("a test: %d %s", r.Status, r.Text())
	}
	a.eventually("the test arrives", func() bool { return len(a.Sim.Messages(phones[1])) == before+1 })
	// Frequency caps: nobody gets a second one on the same day.
	a.as("ada").post("/notifications/settings", url.Values{"per_day": {"1"}, "min_hours": {"0"}, "approve_above": {"0"}, "prices": {""}, "prices_of": {"2026-10-01"}, "currency": {"EUR"}})
	capped := a.checked(otto, with(a.base(v, "cap"), "audience", "filter", "value-1", "you"))
	if got := otto.get(capped).Doc().Find("[data-reason=cap_today] a").Text(); !strings.Contains(got, "4") {
		t.Errorf("caps: %q %s", got, otto.get(capped).Text())
	}
}

// What Twilio took and tells nothing about is asked for; callbacks that got lost are made up for.
func TestUnknownIsAskedFor(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(2)
	a.Sim.SetFaults(simulator.Faults{NoCallbacks: true})
	page := a.checked(otto, with(a.base(v, "lost"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	a.eventually("taken", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'accepted'") == 2 })
	a.exec("UPDATE messages SET sending_at = sending_at - interval '6 minutes', created_at = created_at - interval '6 minutes'")
	a.eventually("asked and settled", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'delivered'") == 2 })
}

// By each contact's own clock, and outside of the quiet hours there.
func TestLocalTimeAndQuietHours(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(3)
	a.exec("UPDATE contacts SET time_zone = (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[1 + (id % 3)]")
	day := a.Store.Now().UTC().AddDate(0, 0, 3)
	page := a.checked(otto, with(a.base(v, "local"), "audience", "filter", "value-1", "you", "when", "later", "send_at", day.Format("2006-01-02")+"T21:30", "zone", "Europe/Berlin", "local_time", "1", "quiet_from", "21:00", "quiet_to", "08:00"))
	otto.post(page+"/start", nil)
	a.eventually("queued", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'queued'") == 3 })
	rows, err := a.Store.Pool().Query(t.Context(), "SELECT c.time_zone, m.send_at FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var zone string
		var at time.Time
		if err := rows.Scan(&zone, &at); err != nil {
			t.Fatal(err)
		}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := at.In(loc).Format("2006-01-02 15:04"); got != day.AddDate(0, 0, 1).Format("2006-01-02")+" 08:00" {
			t.Errorf("%s: %s", zone, got)
		}
	}
}

// A schedule repeats a notification; what was missed comes once.
func TestRepeat(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(1)
	page := a.checked(otto, with(a.base(v, "repeat"), "audience", "filter", "value-1", "you"))
	otto.post(page+"/start", nil)
	a.eventually("finished", func() bool { return a.state(otto, page) == "finished" })
	for field, form := range map[string]url.Values{"days": {"at": {"09:00"}, "zone": {"UTC"}}, "at": {"day": {"0"}, "at": {"9 o'clock"}, "zone": {"UTC"}}, "zone": {"day": {"0"}, "at": {"09:00"}, "zone": {"Mars/Olympus"}},
		"weeks": {"day": {"0"}, "at": {"09:00"}, "zone": {"UTC"}, "weeks": {"5"}}, "dates": {"dates": {"1, 32"}, "at": {"07:45"}, "zone": {"UTC"}}} {
		r := otto.post(page+"/repeat", form)
		if r.Status != 422 || r.Problem(field) == "" {
			t.Errorf("%s: %d", field, r.Status)
		}
		if field == "dates" {
			if typed, _ := r.Doc().Find("#repeat-monthly[open] [name=dates]").Attr("value"); typed != "1, 32" {
				t.Errorf("what was typed is %q", typed)
			}
			if typed, _ := r.Doc().Find("#month-at").Attr("value"); typed != "07:45" {
				t.Errorf("the time that was typed is %q", typed)
			}
		}
	}
	for want, form := range map[string]url.Values{"On the 1st, 15th and last day of each month at 18:30 (UTC)": {"dates": {"last, 1, 15th"}, "at": {"18:30"}, "zone": {"UTC"}},
		"On the 22nd of each month at 00:00 (UTC)":             {"dates": {"22"}, "at": {"00:00"}, "zone": {"UTC"}},
		"Every second week on Monday, Thursday at 09:00 (UTC)": {"day": {"0", "3"}, "weeks": {"2"}, "at": {"09:00"}, "zone": {"UTC"}},
		"From Monday to Friday at 09:00 (UTC)":                 {"day": {"0", "1", "2", "3", "4"}, "weeks": {"1"}, "at": {"09:00"}, "zone": {"UTC"}}} {
		if r := otto.post(page+"/repeat", form); r.Status != 303 {
			t.Fatalf("repeat: %d %s", r.Status, r.Text())
		}
		if text := otto.get(page).Doc().Find("[data-testid=schedule]").Text(); text != want {
			t.Errorf("it says %q, want %q", text, want)
		}
	}
	if r := otto.post(page+"/repeat", url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "at": {"09:00"}, "zone": {"Europe/Berlin"}}); r.Status != 303 {
		t.Fatalf("repeat: %d %s", r.Status, r.Text())
	}
	if text := otto.get(page).Doc().Find("[data-testid=schedule]").Text(); text != "Every day at 09:00 (Europe/Berlin)" {
		t.Errorf("it says %q", text)
	}
	a.Sim.MoveClock(26 * time.Hour)
	a.eventually("it came again", func() bool { return len(a.Sim.Messages(phones[0])) == 2 })
	a.Sim.MoveClock(72 * time.Hour)
	a.eventually("and once after a long break", func() bool { return len(a.Sim.Messages(phones[0])) == 3 })
	otto.post(page+"/repeat", url.Values{"stop": {"1"}})
	a.Sim.MoveClock(48 * time.Hour)
	time.Sleep(800 * time.Millisecond)
	if n := len(a.Sim.Messages(phones[0])); n != 3 {
		t.Errorf("%d messages after it was stopped", n)
	}
}

// The API sends one message for each key of the caller, whatever is lost on the way.
func TestNotifyAPI(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	a.approvedTemplate(otto, "order_ready", "Hello {{Name}}, your order {{Number}} is ready for you.", "Name", "Noor", "Number", "4711")
	phones := a.crowd(2)
	a.exec("UPDATE contacts SET consent = 'opted_out' WHERE phone = '" + phones[1] + "'")
	if r := ada.post("/notifications/keys", url.Values{"name": {""}}); r.Status != 422 || r.Problem("name") == "" {
		t.Errorf("a key without a name: %d", r.Status)
	}
	key := ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	if len(key) < 40 || strings.Contains(ada.get("/notifications/settings").Body, key) {
		t.Fatalf("key %q", key)
	}
	call := func(key, idempotency, body string) answer {
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/notifications/send", bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		if idempotency != "" {
			req.Header.Set("Idempotency-Key", idempotency)
		}
		return a.as("").send(req)
	}
	good := `{"to": "` + phones[0] + `", "template": "order_ready", "sender": "` + simulator.BusinessPhone + `", "values": {"Name": "Noor", "Number": "4711"}}`
	first := call(key, "order-1", good)
	if first.Status != 201 || !strings.Contains(first.Body, "your order 4711 is ready") {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	done := make(chan answer, 8)
	for range 8 {
		go func() { done <- call(key, "order-1", good) }()
	}
	for range 8 {
		if r := <-done; r.Status != 201 || r.Body != first.Body {
			t.Errorf("the same key again: %d %s", r.Status, r.Body)
		}
	}
	a.eventually("it arrives", func() bool { return len(a.Sim.Messages(phones[0])) == 1 })
	for what, c := range map[string]struct {
		key, idempotency, body, field string
		status                        int
	}{
		"another body":    {key, "order-1", strings.Replace(good, "4711", "4712", 1), "Idempotency-Key", 409},
		"no own key":      {key, "", good, "Idempotency-Key", 400},
		"a wrong key":     {"pk_wrong_wrong_wrong_wrong", "a", good, "Authorization", 401},
		"no JSON":         {key, "b", "{", "", 400},
		"unknown field":   {key, "c", `{"too": "x"}`, "", 400},
		"no number":       {key, "d", `{"to": "12", "template": "order_ready"}`, "to", 422},
		"no contact":      {key, "e", strings.Replace(good, phones[0], "+4915999999999", 1), "to", 422},
		"opted out":       {key, "f", strings.Replace(good, phones[0], phones[1], 1), "to", 422},
		"no template":     {key, "g", strings.Replace(good, "order_ready", "nothing", 1), "template", 422},
		"no value":        {key, "h", strings.Replace(good, `"Number": "4711"`, `"Other": "x"`, 1), "values", 422},
		"unknown sender":  {key, "i", strings.Replace(good, simulator.BusinessPhone, "+15550009999", 1), "sender", 422},
		"too long a key":  {key, strings.Repeat("k", 201), good, "Idempotency-Key", 400},
		"a refusal again": {key, "d", `{"to": "12", "template": "order_ready"}`, "to", 422},
	} {
		r := call(c.key, c.idempotency, c.body)
		if r.Status != c.status || !strings.Contains(r.Body, `"field":"`+c.field+`"`) && !strings.Contains(r.Body, `"field": "`+c.field+`"`) {
			t.Errorf("%s: %d %s", what, r.Status, r.Body)
		}
	}
	if n := len(a.Sim.Messages(phones[0])) + len(a.Sim.Messages(phones[1])); n != 1 {
		t.Errorf("%d messages in all", n)
	}
	revoke, _ := ada.get("/notifications/settings").Doc().Find(`form[action$="/revoke"]`).Attr("action")
	ada.post(revoke, nil)
	if r := call(key, "late", good); r.Status != 401 {
		t.Errorf("a key that was taken away: %d", r.Status)
	}
}
