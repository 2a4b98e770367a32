package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/senders"
	"parley/simulator"
)

// alerts are the titles and texts of a user's alerts.
func (a *app) alerts(name string) string {
	a.t.Helper()
	var out string
	err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), "SELECT coalesce(string_agg(a.title || ': ' || a.body, E'\n'), '') FROM alerts a JOIN users u ON u.id = a.user_id WHERE u.name = $1", name).Scan(&out)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// stateInList is a notification's state as the list shows it.
func (a *app) stateInList(v *visitor, page string) string {
	return v.get("/notifications").Doc().Find("tr").Has(`a[href="` + page + `"]`).Find(".pill").Text()
}

// reachedNobody expects that neither the page nor the list calls a notification finished.
func (a *app) reachedNobody(v *visitor, page, word string, reasons ...string) {
	a.t.Helper()
	d := v.get(page).Doc()
	text := strings.Join(strings.Fields(d.Find("#notification").Text()), " ")
	if in := a.stateInList(v, page); in != word || strings.Contains(text, "Finished") || !strings.Contains(text, word) {
		a.t.Errorf("the list says %q, the page %s", in, text)
	}
	if v, _ := d.Find("progress").Attr("value"); v != "0" {
		a.t.Errorf("the bar stands at %s %%", v)
	}
	for _, r := range reasons {
		if !strings.Contains(text, r) {
			a.t.Errorf("the page does not say %q: %s", r, text)
		}
	}
}

// A notification that is found after its validity has ended is not sent, whether scheduled or repeated.
func TestFoundTooLate(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(3)
	hour := a.Store.Now().UTC().Add(2 * time.Hour)
	page := a.checked(otto, with(a.base(v, "late"), "audience", "filter", "value-1", "you", "when", "later", "send_at", hour.Format("2006-01-02T15:04"), "zone", "UTC", "valid_hours", "2"))
	otto.post(page+"/start", nil)
	a.eventually("it waits", func() bool { return a.state(otto, page) == "scheduled" })
	pattern := a.checked(otto, with(a.base(v, "pattern"), "audience", "filter", "value-1", "you", "valid_hours", "2"))
	if r := otto.post(pattern+"/repeat", url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "at": {hour.Format("15:04")}, "zone": {"UTC"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("repeat: %d", r.Status)
	}
	otto.post(pattern+"/start", nil) // so that it is shown with its schedule
	a.eventually("the pattern is sent", func() bool { return a.state(otto, pattern) == "finished" })
	a.Sim.MoveClock(4*24*time.Hour + 5*time.Hour)
	a.eventually("it expires", func() bool { return a.state(otto, page) == "expired" })
	a.reachedNobody(otto, page, "Expired", "Expired: its time ended before it could be sent.", "Its time ends before it could be sent")
	if told := a.alerts("otto"); !strings.Contains(told, "was not sent: Expired: its time ended before it could be sent.") {
		t.Errorf("otto was told %q", told)
	}
	a.eventually("the schedule says what it skipped", func() bool {
		return strings.Contains(otto.get(pattern).Text(), "Parley could not send it 5 times, from ")
	})
	if told := a.alerts("otto"); !strings.Contains(told, "was not repeated in time: Parley could not send it 5 times") {
		t.Errorf("otto was told %q", told)
	}
	if n := len(a.Sim.Messages("")); n != 3 {
		t.Errorf("%d messages left too late", n-3)
	}
	if r := otto.post(page+"/cancel", nil); r.Status != http.StatusConflict {
		t.Errorf("an expired one is canceled: %d", r.Status)
	}
	// *Again* reaches the people who were missed, and the schedule continues in time.
	r := otto.post(page+"/resend", url.Values{"who": {"failed"}})
	again := r.Header.Get("Location")
	a.eventually("the dry run", func() bool { return a.state(otto, again) == "checked" })
	if n := otto.get(again).Doc().Find("[data-testid=allowed]").Text(); n != "3" {
		t.Errorf("again goes to %s", n)
	}
	a.Sim.MoveClock(22 * time.Hour)
	a.eventually("the next one is sent", func() bool { return len(a.Sim.Messages(phones[0])) == 2 })
}

// Messages that were queued in time but could not be sent are stopped when the validity ends, and the notification is
// not called finished.
func TestReachedNobody(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(2)
	form := func(token string, pairs ...string) url.Values {
		return with(a.base(v, token), append([]string{"audience", "filter", "value-1", "you", "valid_hours", "2"}, pairs...)...)
	}
	// All are stopped: the sender was offline until the time was over.
	page := a.checked(otto, form("offline"))
	a.exec("UPDATE senders SET state = 'offline', twilio_status = $1 WHERE kind = 'business'", senders.TwilioAsked)
	otto.post(page+"/start", nil)
	a.eventually("queued", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'queued'") == 2 })
	a.Sim.MoveClock(3 * time.Hour)
	a.exec("UPDATE senders SET state = 'online', twilio_status = '' WHERE kind = 'business'")
	a.eventually("it ends", func() bool { return a.state(otto, page) == "finished" })
	a.reachedNobody(otto, page, "Reached nobody", "2 stopped before they left", "Its time was over before the message could leave")
	if told := a.alerts("otto"); !strings.Contains(told, "reached nobody: 2 were stopped before they left.") {
		t.Errorf("otto was told %q", told)
	}
	// All messages fail.
	a.Sim.SetFaults(simulator.Faults{FailNext: 2, FailCode: 63024})
	page = a.checked(otto, form("failing", "stop_percent", "100"))
	otto.post(page+"/start", nil)
	a.eventually("it ends", func() bool {
		return a.state(otto, page) == "finished" && a.number("SELECT count(*) FROM messages WHERE failed_at IS NOT NULL") == 4
	})
	a.reachedNobody(otto, page, "Reached nobody", "2 failed")
	// All recipients are excluded in the end.
	page = a.checked(otto, form("excluded"))
	a.exec("UPDATE contacts SET blocked_at = now()")
	otto.post(page+"/start", nil)
	a.eventually("it ends", func() bool { return a.state(otto, page) == "finished" })
	a.reachedNobody(otto, page, "Reached nobody", "2 left out", "Blocked")
	// Nobody is in the audience any more.
	a.exec("UPDATE contacts SET blocked_at = NULL")
	page = a.checked(otto, form("gone"))
	a.exec("UPDATE contacts SET consent = 'opted_out'")
	otto.post(page+"/start", nil)
	a.eventually("it ends", func() bool { return a.state(otto, page) == "finished" })
	a.reachedNobody(otto, page, "Reached nobody", "nobody was in its audience any more")
	if n := len(a.Sim.Messages("")); n > 2 {
		t.Errorf("%d messages left", n)
	}
	for _, p := range []string{"/", "/reports/messages?by=notification", "/notifications"} {
		if r := otto.get(p); r.Status != http.StatusOK || strings.Contains(r.Body, "NaN") {
			t.Errorf("%s: %d", p, r.Status)
		}
	}
}

// With each contact's own clock, validity counts from the local time: a message that waited too long in the queue is
// stopped, while others may still be sent.
func TestValidityByEachClock(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(2)
	a.exec("UPDATE contacts SET time_zone = CASE phone WHEN $1 THEN 'Pacific/Auckland' ELSE 'Pacific/Honolulu' END", phones[0])
	day := a.Store.Now().UTC().AddDate(0, 0, 2).Format("2006-01-02")
	page := a.checked(otto, with(a.base(v, "clocks"), "audience", "filter", "value-1", "you", "when", "later", "send_at", day+"T09:00", "zone", "UTC", "local_time", "1", "valid_hours", "2"))
	otto.post(page+"/start", nil)
	a.eventually("queued", func() bool { return a.number("SELECT count(*) FROM messages WHERE status = 'queued'") == 2 })
	otto.post(page+"/pause", nil)
	noon, err := time.Parse(time.DateTime, day+" 12:00:00")
	if err != nil {
		t.Fatal(err)
	}
	a.Sim.MoveClock(noon.Sub(a.Store.Now())) // 9 o'clock was 15 hours ago in Auckland, and is 7 hours from now in Honolulu
	if r := otto.post(page+"/resume", nil); r.Status != http.StatusSeeOther {
		t.Fatalf("resume: %d %s", r.Status, r.Text())
	}
	a.eventually("too late in Auckland", func() bool { return a.number("SELECT count(*) FROM messages WHERE error_message = 'too_late'") == 1 })
	a.Sim.MoveClock(7*time.Hour + time.Minute)
	a.eventually("in time in Honolulu", func() bool { return len(a.Sim.Messages(phones[1])) == 1 })
	if n := len(a.Sim.Messages(phones[0])); n != 0 {
		t.Errorf("%d left too late", n)
	}
}

// A paused notification whose validity has ended asks for a new time, also without script, and continues with it.
func TestResumeAsksForANewTime(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(30)
	page := a.checked(otto, with(a.base(v, "resume"), "audience", "filter", "value-1", "you", "valid_hours", "2"))
	a.exec("UPDATE senders SET messages_per_second = 10")
	otto.post(page+"/start", nil)
	a.eventually("some have left", func() bool { return len(a.Sim.Messages("")) >= 3 })
	otto.post(page+"/pause", nil)
	a.Sim.MoveClock(3 * time.Hour)
	if n := otto.get(page).Doc().Find("[data-testid=renewal] [name=resume_at]").Length(); n != 1 {
		t.Fatal("the page does not ask for a new time")
	}
	r := otto.post(page+"/resume", nil)
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Problem("resume_at"), "Its time has ended") {
		t.Errorf("resumed without a new time: %d %q", r.Status, r.Problem("resume_at"))
	}
	for field, form := range map[string]url.Values{
		"resume_at":   {"when": {"later"}, "resume_at": {"2020-01-01T10:00"}, "valid_hours": {"2"}, "zone": {"Europe/Berlin"}},
		"valid_hours": {"when": {"now"}, "valid_hours": {"0"}},
	} {
		if r := otto.post(page+"/resume", form); r.Status != http.StatusUnprocessableEntity || r.Problem(field) == "" || form.Get(field) != "" && !strings.Contains(r.Body, `value="`+form.Get(field)+`"`) {
			t.Errorf("%s: %d %q", field, r.Status, r.Problem(field))
		}
	}
	// A new time differs from the approved one.
	berlin, _ := models.LoadZone("Europe/Berlin")
	at := a.Store.Now().In(berlin).Add(2 * time.Hour)
	a.exec(`UPDATE settings SET value = '{"approve_above": 3}' WHERE key = 'notify'`)
	a.exec(`INSERT INTO settings (key, value) VALUES ('notify', '{"approve_above": 3}') ON CONFLICT DO NOTHING`)
	form := url.Values{"when": {"later"}, "resume_at": {at.Format("2006-01-02T15:04")}, "valid_hours": {"3"}, "zone": {"Europe/Berlin"}}
	if r := otto.post(page+"/resume", form); r.Status != http.StatusSeeOther || a.state(otto, page) != "awaiting" {
		t.Fatalf("resume: %d %s, it is %s", r.Status, r.Text(), a.state(otto, page))
	}
	if r := otto.get(page + "/edit"); r.Status != http.StatusSeeOther {
		t.Errorf("what has left in part can be edited: %d", r.Status)
	}
	left := len(a.Sim.Messages(""))
	if r := ada.post(page+"/approve", nil); r.Status != http.StatusSeeOther || a.state(otto, page) != "scheduled" {
		t.Fatalf("approve: %d, it is %s", r.Status, a.state(otto, page))
	}
	if n := len(a.Sim.Messages("")); n != left {
		t.Errorf("%d left before the new time", n-left)
	}
	a.Sim.MoveClock(2*time.Hour + time.Minute)
	a.eventually("all got it", func() bool { return a.state(otto, page) == "finished" && len(a.Sim.Messages("")) == 30 })
	if n := a.number("SELECT count(*) FROM messages WHERE status = 'refused'"); n != 0 {
		t.Errorf("%d were stopped", n)
	}
}
