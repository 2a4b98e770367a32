package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/simulator"
)

// With each contact's own clock, a notification is sent at the local time and outside the local quiet hours.
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
	rows, err := modelstest.PoolOf(a.Store).Query(t.Context(), "SELECT c.time_zone, m.send_at FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id")
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

// A schedule repeats a notification; missed times are sent once.
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

// The API sends one message per idempotency key, even if answers are lost.
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

// A scheduled notification whose template WhatsApp has paused stops automatically instead of refusing every message,
// and continues to all recipients once the template is approved again.
func TestTemplatePausedBeforeItsHour(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	phones := a.crowd(3)
	v := a.approvedTemplate(otto, "visit_later", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	is := func(state string) func() bool {
		return func() bool {
			return a.number("SELECT count(*) FROM template_versions WHERE id = $1 AND state = $2", v.ID, state) == 1
		}
	}
	at := a.Store.Now().UTC().Add(2 * time.Hour)
	page := a.checked(otto, with(a.base(v, "later"), "audience", "filter", "value-1", "you", "when", "later", "send_at", at.Format("2006-01-02T15:04"), "zone", "UTC"))
	if r := otto.post(page+"/start", nil); r.Status != http.StatusSeeOther {
		t.Fatalf("start: %d %s", r.Status, r.Text())
	}
	a.eventually("it waits", func() bool { return a.state(otto, page) == "scheduled" })
	a.Sim.Decide(*v.ContentSid, "paused", "people reported it", "")
	a.eventually("the pause is known", is("paused"))
	a.Sim.MoveClock(3 * time.Hour)
	a.eventually("it stops by itself", func() bool { return a.state(otto, page) == "paused" })
	if text := otto.get(page).Text(); !strings.Contains(text, "is paused at WhatsApp") {
		t.Errorf("it does not say why: %s", text)
	}
	if r := otto.post(page+"/resume", nil); r.Status != http.StatusConflict {
		t.Errorf("it goes on with a paused template: %d", r.Status)
	}
	a.Sim.Decide(*v.ContentSid, "approved", "", "")
	a.eventually("it is approved again", is("approved"))
	if r := otto.post(page+"/resume", nil); r.Status != http.StatusSeeOther {
		t.Errorf("resume: %d %s", r.Status, r.Text())
	}
	for _, p := range phones {
		a.eventually("everybody gets it", func() bool { return len(a.Sim.Messages(p)) == 1 })
	}
	if n := a.number("SELECT count(*) FROM messages WHERE status = 'refused'"); n != 0 {
		t.Errorf("%d were refused", n)
	}
}

// A schedule that the database refuses holds up no other one.
func TestOneScheduleFails(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(1)
	for _, name := range []string{"broken", "sound"} {
		page := a.checked(otto, with(a.base(v, name), "audience", "filter", "value-1", "you"))
		otto.post(page+"/start", nil)
		a.eventually("finished", func() bool { return a.state(otto, page) == "finished" })
		every := url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "at": {"09:00"}, "zone": {"UTC"}}
		if r := otto.post(page+"/repeat", every); r.Status >= 400 {
			t.Fatal(r.Status, r.Body)
		}
	}
	a.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$`)
	a.exec(`CREATE TRIGGER refuse BEFORE INSERT ON notifications FOR EACH ROW WHEN (NEW.schedule_id = 1)
		EXECUTE FUNCTION refuse()`)
	a.exec("UPDATE schedules SET next_at = now() - interval '1 minute' * (3 - id)") // the broken one is due first
	a.eventually("the sound one is sent", func() bool {
		return a.number("SELECT count(*) FROM notifications WHERE schedule_id = 2 AND state = 'finished'") == 1
	})
	if n := a.number("SELECT count(*) FROM schedules WHERE id = 1 AND next_at < now()"); n != 1 {
		t.Error("the broken schedule is not due any more: it was given up")
	}
}
