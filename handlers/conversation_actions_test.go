package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/simulator"
	"parley/whatsapp"
)

const (
	lena = "+4915100000001"
	omar = "+4915100000002"
)

// wrote is a customer who wrote to the business's own number; it returns their conversation.
func (a *app) wrote(phone, name, text string) *conversations.Conversation {
	a.t.Helper()
	a.Sim.AddCustomer(phone, name)
	a.Sim.Write(phone, simulator.BusinessPhone, writes(text))
	return a.conversation(phone, 1)
}

func (a *app) again(c *conversations.Conversation) *conversations.Conversation {
	a.t.Helper()
	c, err := conversations.Read(a.Store).ConversationByPublicID(a.t.Context(), c.PublicID)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *app) desk(change func(*conversations.InboxSettings)) {
	a.t.Helper()
	err := a.Store.InTx(a.t.Context(), func(tx *models.Tx) error {
		d, err := conversations.CurrentInboxSettings(tx)
		if err != nil {
			return err
		}
		change(&d)
		return conversations.SaveInboxSettings(tx, models.System("test"), d)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// bodies are the outbound texts of a conversation.
func (a *app) bodies(c *conversations.Conversation) (out []string) {
	for _, m := range a.thread(c) {
		if m.Direction == whatsapp.Outbound {
			out = append(out, m.Body)
		}
	}
	return out
}

func count(list []string, text string) (n int) {
	for _, s := range list {
		if s == text {
			n++
		}
	}
	return n
}

// The inbox counters, which are sums of steps, equal a real count after any change.
func TestCountersAreTrue(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	one, two := a.wrote(lena, "Lena", "Hello"), a.wrote(omar, "Omar", "Hi")
	ana := a.as("ana")
	for _, form := range []url.Values{{"assign": {"me"}}, {"state": {"snoozed"}, "snooze": {"4h"}}, {"state": {"open"}}, {"state": {"resolved"}}, {"state": {"open"}}, {"assign": {""}}} {
		form["conversation"] = []string{one.PublicID, two.PublicID}
		if r := ana.post("/conversations/change", form); r.Status != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", form, r.Status, r.Text())
		}
		ana.get("/inbox/" + one.PublicID)
		var wrong int
		err := modelstest.PoolOf(a.Store).
			QueryRow(t.Context(), `SELECT count(*) FROM (SELECT list, assignee_id, sum(n) AS n FROM inbox_steps GROUP BY 1, 2 HAVING sum(n) <> 0) s
			FULL JOIN (SELECT l AS list, v.assignee_id, count(*) AS n FROM conversations v, inbox_lists(v) l GROUP BY 1, 2) r
			ON r.list = s.list AND r.assignee_id IS NOT DISTINCT FROM s.assignee_id WHERE r.n IS DISTINCT FROM s.n`).
			Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("after %v %d counters are wrong (%v)", form, wrong, err)
		}
		if err := inbox.SumInboxSteps(t.Context(), a.Store); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := inbox.Read(a.Store).Count(t.Context(), 1); err != nil || c.All != 2 || c.Unassigned != 2 ||
		c.Resolved != 0 {
		t.Errorf("at the end: %+v %v", c, err)
	}
}

// The lists that a row belongs to, computed in Go for live updates, are the lists that contain it in SQL.
func TestRowsMatchTheirLists(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	one, two := a.wrote(lena, "Lena Brandt", "Hello"), a.wrote(omar, "Omar", "Hi")
	ana := a.as("ana")
	ana.post("/conversations/change", url.Values{"conversation": {one.PublicID}, "assign": {"me"}, "priority": {"2"}})
	ana.post("/conversations/"+two.PublicID+"/notes", url.Values{"body": {"@ana please"}, "token": {"n"}})
	a.exec("INSERT INTO labels (name) VALUES ('Billing')")
	a.exec("UPDATE conversations SET labels = '{1}' WHERE public_id = $1", one.PublicID)
	a.exec("UPDATE conversations SET window_closes_at = now() + interval '30 minutes' WHERE public_id = $1", two.PublicID)
	rows, err := inbox.Read(a.Store).InboxRowsOf(t.Context(), []string{one.PublicID, two.PublicID})
	if err != nil || len(rows) != 2 {
		t.Fatal(err)
	}
	urgent := conversations.UrgentPriority
	filters := []inbox.InboxFilter{
		{Query: "brandt"},
		{Query: "+4915100000002"},
		{Label: 1},
		{Assignee: -1},
		{Assignee: 3},
		{Priority: &urgent},
	}
	for _, v := range inbox.InboxViews() {
		filters = append(filters, inbox.InboxFilter{View: v})
	}
	for _, state := range []string{"open", "snoozed", "resolved"} {
		a.exec("UPDATE conversations SET state = $1 WHERE public_id = $2", state, one.PublicID)
		if rows, err = inbox.Read(a.Store).InboxRowsOf(t.Context(), []string{one.PublicID, two.PublicID}); err != nil {
			t.Fatal(err)
		}
		for _, f := range filters {
			f.UserID, f.Limit = 3, 10
			if f.View == "" {
				f.View = inbox.ViewAll
			}
			list, _, err := inbox.Read(a.Store).Inbox(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			in, keys := map[string]bool{}, []string{}
			for _, r := range list {
				in[r.PublicID] = true
				keys = append(keys, r.Key(f, a.Store.Now()))
			}
			for i := range rows {
				if got := f.Holds(&rows[i], a.Store.Now()); got != in[rows[i].PublicID] {
					t.Errorf("%s, %s: %+v holds it: %v, the list: %v", state, rows[i].ContactName, f, got, in[rows[i].PublicID])
				}
			}
			for i := 1; i < len(keys); i++ {
				if keys[i-1] >= keys[i] {
					t.Errorf("%s: keys %v are not in the list's order", f.View, keys)
				}
			}
		}
	}
}

// Two users in one conversation: the second gets a warning and may send anyway; a page that shows another user's
// conversation is refused; and, if configured, only the assignee may reply.
func TestTwoAtOneConversation(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	path := "/conversations/" + c.PublicID + "/replies"
	ada, ana := a.as("ada"), a.as("ana")
	if r := ada.post(path, reply("Ada answers")); r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	late := url.Values{"body": {"Ana answers"}, "token": {"late"}, "seen": {""}}
	r := ana.post(path, late)
	if r.Status != http.StatusConflict || !strings.Contains(r.Text(), "ada has answered meanwhile: “Ada answers”") ||
		!strings.Contains(r.Body, "Ana answers</textarea>") {
		t.Errorf("no warning: %d %s", r.Status, r.Text())
	}
	late.Set("anyway", "1")
	if r := ana.post(path, late); r.Status != http.StatusSeeOther {
		t.Errorf("all the same: %d %s", r.Status, r.Text())
	}
	wrong := url.Values{"body": {"For somebody else"}, "token": {"wrong"}, "contact": {"somebodyelse"}, "anyway": {"1"}}
	if r := ana.post(path, wrong); r.Status != http.StatusConflict ||
		!strings.Contains(r.Problem("body"), "belongs to Lena") {
		t.Errorf("a stale page: %d %q", r.Status, r.Problem("body"))
	}
	a.desk(func(d *conversations.InboxSettings) { d.OnlyAssignee = true })
	mine := reply("Not mine")
	mine.Set("anyway", "1")
	if r := ana.post(path, mine); r.Status != http.StatusConflict || !strings.Contains(r.Problem("body"), "assigned to") {
		t.Errorf("not the assignee: %d %q", r.Status, r.Problem("body"))
	}
	if n := count(a.bodies(c), "Not mine") + count(a.bodies(c), "For somebody else"); n != 0 {
		t.Errorf("%d refused replies were written", n)
	}
}

// Snoozed until a time or until the customer writes; resolved, and reopened by a message; each can be undone if nothing
// else happened since.
func TestSnoozeResolveUndo(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	do := func(pairs ...string) answer {
		f := url.Values{"conversation": {c.PublicID}}
		for i := 0; i < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
		}
		return ana.post("/conversations/change", f)
	}
	if r := do("snooze", "yesterday"); r.Status != http.StatusSeeOther ||
		a.again(c).State != conversations.ConversationOpen {
		t.Errorf("a time that is none: %d %s", r.Status, a.again(c).State)
	}
	do("snooze", "1h")
	if v := a.again(c); v.State != conversations.ConversationSnoozed || v.SnoozedUntil == nil {
		t.Fatalf("snoozed: %+v", v)
	}
	a.Sim.MoveClock(61 * time.Minute)
	a.eventually("it wakes by itself", func() bool { return a.again(c).State == conversations.ConversationOpen })
	do("snooze", "reply")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("I am back"))
	a.eventually("a message wakes it", func() bool { return a.again(c).State == conversations.ConversationOpen })
	waiting := a.again(c).WaitingSince
	do("state", "resolved")
	if a.again(c).WaitingSince != nil {
		t.Error("nobody waits in a resolved conversation")
	}
	events, err := conversations.Read(a.Store).ConversationEvents(t.Context(), c.ID, conversations.EventPeriod{N: 50})
	if err != nil {
		t.Fatal(err)
	}
	batch := events[len(events)-1].Batch
	if r := a.as("ada").post("/conversations/undo/"+batch, nil); !strings.Contains(
		a.as("ada").get("/inbox").Body,
		"inbox",
	) ||
		a.again(c).State != conversations.ConversationResolved {
		t.Errorf("somebody else undid it: %d", r.Status)
	}
	ana.post("/conversations/undo/"+batch, nil)
	if v := a.again(c); v.State != conversations.ConversationOpen || v.WaitingSince == nil ||
		!v.WaitingSince.Equal(*waiting) {
		t.Errorf("undone: %s, waits since %v, not %v", v.State, v.WaitingSince, waiting)
	}
	do("state", "resolved")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("One more thing"))
	a.eventually("a message opens it again", func() bool { return a.again(c).State == conversations.ConversationOpen })
}

// A scheduled reply is checked again when it is sent: within the session it is sent; after it, it is kept with the
// reason. A reply that waits for the customer to write needs its author's confirmation.
func TestRepliesForLater(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	path := "/conversations/" + c.PublicID + "/scheduled-replies"
	later := func(text, at string) answer {
		return ana.post(path, url.Values{"body": {text}, "at": {at}, "token": {"l-" + text}})
	}
	if r := later("Too early", "reply"); r.Status != 422 || r.Problem("at") == "" {
		t.Errorf("kept in an open session: %d", r.Status)
	}
	if r := later("Past", "2020-01-01T10:00"); r.Status != 422 || !strings.Contains(r.Body, "Past</textarea>") {
		t.Errorf("a time that is past: %d", r.Status)
	}
	later("In time", "1h")
	later("Too late", "25h")
	if n := len(a.bodies(c)); n != 0 {
		t.Fatalf("%d left at once", n)
	}
	if a.again(c).WaitingSince == nil {
		t.Error("a scheduled reply ends no waiting")
	}
	a.Sim.MoveClock(61 * time.Minute)
	a.eventually("it leaves in time", func() bool { return count(a.bodies(c), "In time") == 1 })
	a.Sim.MoveClock(25 * time.Hour)
	var list []inbox.ScheduledReply
	a.eventually("the other one is refused", func() bool {
		list, _ = inbox.Read(a.Store).ScheduledReplies(t.Context(), c.ID)
		return len(list) == 1 && list[0].State == inbox.ReplyRefused && strings.Contains(list[0].Problem, "closed")
	})
	if !strings.Contains(ana.get("/alerts").Text(), "did not leave") {
		t.Error("its author was not told")
	}
	if r := ana.post("/scheduled-replies/"+list[0].PublicID+"/cancel", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if r := ana.get("/inbox/" + c.PublicID + "?mode=later"); !strings.Contains(r.Body, "Too late</textarea>") {
		t.Error("the text that was taken back is lost")
	}
	later("When you are back", "reply")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Back"))
	a.eventually("it is ready", func() bool {
		list, _ = inbox.Read(a.Store).ScheduledReplies(t.Context(), c.ID)
		return len(list) == 1 && list[0].State == inbox.ReplyReady
	})
	if n := count(a.bodies(c), "When you are back"); n != 0 {
		t.Error("it left without its author's word")
	}
	ana.post("/scheduled-replies/"+list[0].PublicID+"/send", nil)
	ana.post("/scheduled-replies/"+list[0].PublicID+"/send", nil)
	if n := count(a.bodies(c), "When you are back"); n != 1 {
		t.Errorf("it left %d times", n)
	}
}

// A reaction is shown at its message, changes nothing else, and can be removed. A quote is shown on both sides.
func TestReactionsAndQuotes(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Which room?")
	ana := a.as("ana")
	first := a.thread(c)[0]
	ana.post(
		"/conversations/"+c.PublicID+"/replies",
		url.Values{"body": {"Room 4"}, "token": {"q"}, "quote": {first.PublicID}},
	)
	m := a.last(c, whatsapp.Delivered)
	if m.Body != "> Which room?\nRoom 4" {
		t.Errorf("the person reads %q", m.Body)
	}
	page := ana.get("/inbox/" + c.PublicID).Doc()
	if q := page.Find(`[data-testid="quoted"]`); q.Length() != 1 ||
		strings.Contains(page.Find("#m-"+m.PublicID+" .bubble").Text(), "> Which") {
		t.Errorf("the quote on the page: %q", page.Find("#m-"+m.PublicID+" .bubble").Text())
	}
	before := a.again(c)
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "👍", Of: *m.TwilioSid, Reaction: true})
	shown := func() string { return ana.get("/inbox/" + c.PublicID).Doc().Find(`[data-testid="reaction"]`).Text() }
	a.eventually("the reaction is shown", func() bool { return shown() == "👍" })
	if v := a.again(c); v.UnreadCount != before.UnreadCount || v.WaitingSince != nil ||
		!v.WindowClosesAt.Equal(*before.WindowClosesAt) {
		t.Errorf("a reaction changed the conversation: %+v", v)
	}
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Of: *m.TwilioSid, Reaction: true})
	a.eventually("it is taken back", func() bool { return shown() == "" })
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "Thanks", Of: *m.TwilioSid})
	a.eventually("her answer shows what it answers", func() bool {
		return ana.get("/inbox/"+c.PublicID).Doc().Find(`[data-testid="quoted"]`).Length() == 2
	})
}
