package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/simulator"
	"parley/whatsapp"
)

// The automatic messages: all off by default; then the away message once per session, the greeting once per
// conversation, a nudge once before the session closes, never to a contact who opted out, and none of them counts as a
// reply.
func TestRules(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	silent := a.wrote(omar, "Omar", "Hello")
	if n := len(a.bodies(silent)); n != 0 {
		t.Fatalf("a rule that nobody turned on: %v", a.bodies(silent))
	}
	a.desk(func(d *conversations.InboxSettings) {
		d.Greeting, d.Away, d.Nudge, d.NudgeMin = conversations.Rule{On: true, Text: "Welcome {{first_name|there}}"}, conversations.Rule{On: true, Text: "Closed"}, conversations.Rule{On: true, Text: "Anything else?"}, 60
		d.ResolveDays, d.RespondMin = 3, 15
	})
	c := a.wrote(lena, "Lena Brandt", "Hello")
	a.eventually("she is greeted", func() bool { return count(a.bodies(c), "Welcome Lena") == 1 })
	if v := a.again(c); v.WaitingSince == nil || v.UnreadCount == 0 || v.RespondBy == nil {
		t.Errorf("after the greeting nobody waits: %+v", v)
	}
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Are you there?"))
	a.conversation(lena, 3)
	a.as("ana").post("/conversations/"+c.PublicID+"/replies", reply("Yes"))
	if v := a.again(c); v.RespondBy != nil || v.RespondedAt == nil {
		t.Errorf("the target after the reply: %v", v.RespondBy)
	}
	a.Sim.MoveClock(23*time.Hour + 10*time.Minute)
	a.eventually("she is nudged", func() bool { return count(a.bodies(c), "Anything else?") == 1 })
	for range 3 {
		if err := a.Messaging.RunDueRules(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(a.bodies(c), "Anything else?"); n != 1 {
		t.Errorf("%d nudges in one session", n)
	}
	a.Sim.MoveClock(5 * 24 * time.Hour)
	a.eventually("silence resolves it", func() bool { return a.again(c).State == conversations.ConversationResolved })
	if v := a.again(silent); v.State != conversations.ConversationOpen {
		t.Error("silence resolved a conversation in which somebody waits")
	}
	a.desk(func(d *conversations.InboxSettings) {
		d.Hours.On = true
		d.Hours.Days = [7]whatsapp.Day{}
		tomorrow := a.Store.Now().AddDate(0, 0, 1).Weekday()
		d.Hours.Days[tomorrow] = whatsapp.Day{From: 1, To: 2}
	})
	for i, text := range []string{"Anybody?", "Hello?"} {
		a.Sim.Write(lena, simulator.BusinessPhone, writes(text))
		a.eventually("the away message", func() bool { return count(a.bodies(c), "Closed") == 1 && count(inbound(a.thread(c)), text) == 1 })
		_ = i
	}
	if n := count(a.bodies(c), "Welcome Lena"); n != 1 {
		t.Errorf("greeted %d times, outside business hours too", n)
	}
	a.Sim.Write(lena, simulator.BusinessPhone, writes("STOP"))
	a.eventually("she is opted out", func() bool { return count(inbound(a.thread(c)), "STOP") == 1 })
	a.Sim.MoveClock(49 * time.Hour)
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Something else"))
	a.eventually("her message is in", func() bool { return count(inbound(a.thread(c)), "Something else") == 1 })
	if n := count(a.bodies(c), "Closed"); n != 1 {
		t.Errorf("an automatic message to somebody who opted out: %v", a.bodies(c))
	}
}

func inbound(list []conversations.Message) (out []string) {
	for _, m := range list {
		if m.Direction == whatsapp.Inbound {
			out = append(out, m.Body)
		}
	}
	return out
}

// Round robin assigns new conversations in turn to users who are present and available, up to the limit.
func TestRoundRobin(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.desk(func(d *conversations.InboxSettings) { d.Assign, d.AssignLimit = true, 2 })
	if c := a.wrote(omar, "Omar", "Hello"); c.AssigneeID != nil {
		t.Fatal("assigned to somebody who is not there")
	}
	for _, id := range []int64{1, 2, 3} {
		if err := inbox.SeeUser(t.Context(), a.Store, id); err != nil {
			t.Fatal(err)
		}
	}
	a.as("otto").post("/account/availability", url.Values{"availability": {"away"}})
	a.eventually("the first one finds somebody", func() bool { return a.conversation(omar, 1).AssigneeID != nil })
	for _, phone := range []string{"+4915100000011", "+4915100000012", "+4915100000013", "+4915100000014"} {
		a.wrote(phone, "Customer", "Hello")
	}
	var got []struct{ Name string }
	rows, err := modelstest.PoolOf(a.Store).Query(t.Context(), "SELECT coalesce(u.name, '-') FROM conversations v LEFT JOIN users u ON u.id = v.assignee_id ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		got = append(got, struct{ Name string }{name})
	}
	names := ""
	for _, g := range got {
		names += g.Name + " "
	}
	if names != "- ada ada ana ana " {
		t.Errorf("assigned to %q", names)
	}
}

// The rating question is sent within the session with buttons; the answer is counted, reopens nothing and does not wait
// for a reply.
func TestRating(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.desk(func(d *conversations.InboxSettings) { d.Rating.On = true })
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	ana.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "state": {"resolved"}})
	m := conversations.Message{}
	a.eventually("the question arrives", func() bool {
		list := a.thread(c)
		m = list[len(list)-1]
		return m.Body == "How did we do?" && m.Status == whatsapp.Delivered
	})
	if a.again(c).State != conversations.ConversationResolved {
		t.Error("the question opened the conversation")
	}
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "Good", Tap: &simulator.Tap{Title: "Good", ID: "parley-rating-3", Of: *m.TwilioSid}})
	a.eventually("the answer counts", func() bool {
		rows, err := inbox.Read(a.Store).AgentReports(t.Context(), a.Store.Now().Add(-time.Hour))
		return err == nil && len(rows) > 0 && rows[len(rows)-1].Good == 1
	})
	if v := a.again(c); v.State != conversations.ConversationResolved || v.WaitingSince != nil || v.UnreadCount != 0 {
		t.Errorf("the answer opened it: %+v", v)
	}
	if r := a.as("otto").get("/reports"); r.Status != 200 || !strings.Contains(r.Text(), "ana") {
		t.Errorf("reports: %d %s", r.Status, r.Text())
	}
	// It is not sent after the session.
	a.Sim.MoveClock(25 * time.Hour)
	ana.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "state": {"open"}})
	ana.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "state": {"resolved"}})
	time.Sleep(300 * time.Millisecond)
	if n := count(a.bodies(c), "How did we do?"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
