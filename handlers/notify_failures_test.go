package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/conversations"
	"parley/simulator"
)

// If WhatsApp's limit is lower than the one that Parley knows, Twilio fails messages above it with 63018: the sender
// slows down automatically, and the affected people get the message the next day, once.
func TestBeyondTheLimit(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	phones := a.crowd(260)
	a.eventually("the sender is known at Twilio", func() bool { return a.sender(false).TwilioSid != nil })
	a.exec("UPDATE senders SET tier = 0, messaging_limit = '', twilio_status = 'ASKED' WHERE kind = 'business'") // ASKED: polling leaves it alone
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
	a.exec("UPDATE messages SET valid_until = now() + interval '10 days' WHERE valid_until IS NOT NULL")
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

// Temporary failures are retried automatically; a wave of failures stops the notification.
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
	a.exec("UPDATE senders SET messages_per_second = 15") // slowly: failures are heard of long before all have left
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

// Afterwards: replies are marked, statistics are correct, and *Again* creates a notification for the right people.
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
	if c.State != conversations.ConversationOpen {
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
	again := otto.post(page+"/resend", url.Values{"who": {"unread"}})
	if again.Status != 303 {
		t.Fatalf("again: %d %s", again.Status, again.Text())
	}
	next := again.Header.Get("Location")
	a.eventually("its dry run", func() bool { return a.state(otto, next) == "checked" })
	d := otto.get(next).Doc()
	if got := d.Find("[data-testid=allowed]").Text(); got != "2" || !strings.Contains(d.Text(), "those who did not read it") {
		t.Errorf("%s did not read it, want 2: three, less the one who opted out", got)
	}
	if r := otto.post(page+"/resend", url.Values{"who": {"failed"}}); r.Status != 409 || !strings.Contains(r.Text(), "nobody of that kind") {
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
	// Frequency caps: nobody gets a second notification on the same day.
	a.as("ada").post("/notifications/settings", url.Values{"per_day": {"1"}, "min_hours": {"0"}, "approve_above": {"0"}, "prices": {""}, "prices_of": {"2026-10-01"}, "currency": {"EUR"}})
	capped := a.checked(otto, with(a.base(v, "cap"), "audience", "filter", "value-1", "you"))
	if got := otto.get(capped).Doc().Find("[data-reason=cap_today] a").Text(); !strings.Contains(got, "4") {
		t.Errorf("caps: %q %s", got, otto.get(capped).Text())
	}
}

// A message that Twilio accepted without reporting a status is looked up, so lost callbacks do no harm.
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
