package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/services/whatsapp"
	"parley/simulator"
)

const (
	lena = "+4915100000001"
	omar = "+4915100000002"
)

// wrote is a customer who wrote to the business's own number; it returns their conversation.
func (a *app) wrote(phone, name, text string) *models.Conversation {
	a.t.Helper()
	a.Sim.AddCustomer(phone, name)
	a.Sim.Write(phone, simulator.BusinessPhone, writes(text))
	return a.conversation(phone, 1)
}

func (a *app) again(c *models.Conversation) *models.Conversation {
	a.t.Helper()
	c, err := a.Store.ConversationByPublicID(a.t.Context(), c.PublicID)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *app) desk(change func(*models.Desk)) {
	a.t.Helper()
	err := a.Store.InTx(a.t.Context(), func(tx *models.Tx) error {
		d, err := tx.Desk()
		if err != nil {
			return err
		}
		change(&d)
		return tx.SaveDesk(models.System("test"), d)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// bodies are the outbound texts of a conversation.
func (a *app) bodies(c *models.Conversation) (out []string) {
	for _, m := range a.thread(c) {
		if m.Direction == "outbound" {
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

// The counters, which are summed from steps, are what counting would give, whatever happened.
func TestCountersAreTrue(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	one, two := a.wrote(lena, "Lena", "Hello"), a.wrote(omar, "Omar", "Hi")
	ana := a.as("ana")
	for _, form := range []url.Values{{"assign": {"me"}}, {"state": {"snoozed"}, "snooze": {"4h"}}, {"state": {"open"}}, {"state": {"resolved"}}, {"state": {"open"}}, {"assign": {""}}} {
		form["id"] = []string{one.PublicID, two.PublicID}
		if r := ana.post("/conversations/change", form); r.Status != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", form, r.Status, r.Text())
		}
		ana.get("/inbox/" + one.PublicID)
		var wrong int
		err := a.Store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM (SELECT list, assignee_id, sum(n) AS n FROM inbox_steps GROUP BY 1, 2 HAVING sum(n) <> 0) s
			FULL JOIN (SELECT l AS list, v.assignee_id, count(*) AS n FROM conversations v, inbox_lists(v) l GROUP BY 1, 2) r
			ON r.list = s.list AND r.assignee_id IS NOT DISTINCT FROM s.assignee_id WHERE r.n IS DISTINCT FROM s.n`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("after %v %d counters are wrong (%v)", form, wrong, err)
		}
		if err := a.Store.SumInboxSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := a.Store.Count(t.Context(), 1); err != nil || c.All != 2 || c.Unassigned != 2 || c.Resolved != 0 {
		t.Errorf("at the end: %+v %v", c, err)
	}
}

// What a row says of the lists it stands in (in Go, for live updates) is what the lists hold (in SQL).
func TestRowsMatchTheirLists(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	one, two := a.wrote(lena, "Lena Brandt", "Hello"), a.wrote(omar, "Omar", "Hi")
	ana := a.as("ana")
	ana.post("/conversations/change", url.Values{"id": {one.PublicID}, "assign": {"me"}, "priority": {"2"}})
	ana.post("/conversations/"+two.PublicID+"/notes", url.Values{"body": {"@ana please"}, "token": {"n"}})
	a.exec("INSERT INTO labels (name) VALUES ('Billing')")
	a.exec("UPDATE conversations SET labels = '{1}' WHERE public_id = $1", one.PublicID)
	a.exec("UPDATE conversations SET window_closes_at = now() + interval '30 minutes' WHERE public_id = $1", two.PublicID)
	rows, err := a.Store.InboxRowsOf(t.Context(), []string{one.PublicID, two.PublicID})
	if err != nil || len(rows) != 2 {
		t.Fatal(err)
	}
	urgent := models.UrgentPriority
	filters := []models.InboxFilter{{Query: "brandt"}, {Query: "+4915100000002"}, {Label: 1}, {Assignee: -1}, {Assignee: 3}, {Priority: &urgent}}
	for _, v := range models.InboxViews() {
		filters = append(filters, models.InboxFilter{View: v})
	}
	for _, state := range []string{"open", "snoozed", "resolved"} {
		a.exec("UPDATE conversations SET state = $1 WHERE public_id = $2", state, one.PublicID)
		if rows, err = a.Store.InboxRowsOf(t.Context(), []string{one.PublicID, two.PublicID}); err != nil {
			t.Fatal(err)
		}
		for _, f := range filters {
			f.UserID, f.Limit = 3, 10
			if f.View == "" {
				f.View = models.ViewAll
			}
			list, _, err := a.Store.Inbox(t.Context(), f)
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

// Two people at one conversation: the second is warned, may send all the same; a page that shows somebody else's
// conversation is refused; and, by setting, only the assignee answers.
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
	if r.Status != http.StatusConflict || !strings.Contains(r.Text(), "ada has answered meanwhile: “Ada answers”") || !strings.Contains(r.Body, "Ana answers</textarea>") {
		t.Errorf("no warning: %d %s", r.Status, r.Text())
	}
	late.Set("anyway", "1")
	if r := ana.post(path, late); r.Status != http.StatusSeeOther {
		t.Errorf("all the same: %d %s", r.Status, r.Text())
	}
	wrong := url.Values{"body": {"For somebody else"}, "token": {"wrong"}, "contact": {"somebodyelse"}, "anyway": {"1"}}
	if r := ana.post(path, wrong); r.Status != http.StatusConflict || !strings.Contains(r.Problem("body"), "belongs to Lena") {
		t.Errorf("a stale page: %d %q", r.Status, r.Problem("body"))
	}
	a.desk(func(d *models.Desk) { d.OnlyAssignee = true })
	mine := reply("Not mine")
	mine.Set("anyway", "1")
	if r := ana.post(path, mine); r.Status != http.StatusConflict || !strings.Contains(r.Problem("body"), "assigned to") {
		t.Errorf("not the assignee: %d %q", r.Status, r.Problem("body"))
	}
	if n := count(a.bodies(c), "Not mine") + count(a.bodies(c), "For somebody else"); n != 0 {
		t.Errorf("%d refused replies were written", n)
	}
}

// Snoozed until a time, until they write; resolved and opened by a message; each undone where nothing else happened.
func TestSnoozeResolveUndo(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	do := func(pairs ...string) answer {
		f := url.Values{"id": {c.PublicID}}
		for i := 0; i < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
		}
		return ana.post("/conversations/change", f)
	}
	if r := do("snooze", "yesterday"); r.Status != http.StatusSeeOther || a.again(c).State != models.ConversationOpen {
		t.Errorf("a time that is none: %d %s", r.Status, a.again(c).State)
	}
	do("snooze", "1h")
	if v := a.again(c); v.State != models.ConversationSnoozed || v.SnoozedUntil == nil {
		t.Fatalf("snoozed: %+v", v)
	}
	a.Sim.MoveClock(61 * time.Minute)
	a.eventually("it wakes by itself", func() bool { return a.again(c).State == models.ConversationOpen })
	do("snooze", "reply")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("I am back"))
	a.eventually("a message wakes it", func() bool { return a.again(c).State == models.ConversationOpen })
	waiting := a.again(c).WaitingSince
	do("state", "resolved")
	if a.again(c).WaitingSince != nil {
		t.Error("nobody waits in a resolved conversation")
	}
	events, err := a.Store.ConversationEvents(t.Context(), c.ID, time.Time{}, time.Time{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	batch := events[len(events)-1].Batch
	if r := a.as("ada").post("/conversations/undo/"+batch, nil); !strings.Contains(a.as("ada").get("/inbox").Body, "inbox") || a.again(c).State != models.ConversationResolved {
		t.Errorf("somebody else undid it: %d", r.Status)
	}
	ana.post("/conversations/undo/"+batch, nil)
	if v := a.again(c); v.State != models.ConversationOpen || v.WaitingSince == nil || !v.WaitingSince.Equal(*waiting) {
		t.Errorf("undone: %s, waits since %v, not %v", v.State, v.WaitingSince, waiting)
	}
	do("state", "resolved")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("One more thing"))
	a.eventually("a message opens it again", func() bool { return a.again(c).State == models.ConversationOpen })
}

// A reply for later is checked again when it leaves: inside the session it goes, after it it stays and says why. One
// that is kept until they write waits for its author's word.
func TestRepliesForLater(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	path := "/conversations/" + c.PublicID + "/later"
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
	var list []models.LaterReply
	a.eventually("the other one is refused", func() bool {
		list, _ = a.Store.LaterReplies(t.Context(), c.ID)
		return len(list) == 1 && list[0].State == "refused" && strings.Contains(list[0].Problem, "closed")
	})
	if !strings.Contains(ana.get("/alerts").Text(), "did not leave") {
		t.Error("its author was not told")
	}
	if r := ana.post("/later/"+list[0].PublicID+"/cancel", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if r := ana.get("/inbox/" + c.PublicID + "?mode=later"); !strings.Contains(r.Body, "Too late</textarea>") {
		t.Error("the text that was taken back is lost")
	}
	later("When you are back", "reply")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Back"))
	a.eventually("it is ready", func() bool {
		list, _ = a.Store.LaterReplies(t.Context(), c.ID)
		return len(list) == 1 && list[0].State == "ready"
	})
	if n := count(a.bodies(c), "When you are back"); n != 0 {
		t.Error("it left without its author's word")
	}
	ana.post("/later/"+list[0].PublicID+"/send", nil)
	ana.post("/later/"+list[0].PublicID+"/send", nil)
	if n := count(a.bodies(c), "When you are back"); n != 1 {
		t.Errorf("it left %d times", n)
	}
}

// The rules: all off at first; then the away message once in a session, the greeting once for a conversation, a nudge
// once before the session closes, never to somebody who opted out, and none of them ends anybody's waiting.
func TestRules(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	silent := a.wrote(omar, "Omar", "Hello")
	if n := len(a.bodies(silent)); n != 0 {
		t.Fatalf("a rule that nobody turned on: %v", a.bodies(silent))
	}
	a.desk(func(d *models.Desk) {
		d.Greeting, d.Away, d.Nudge, d.NudgeMin = models.Rule{On: true, Text: "Welcome {{first_name|there}}"}, models.Rule{On: true, Text: "Closed"}, models.Rule{On: true, Text: "Anything else?"}, 60
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
	time.Sleep(600 * time.Millisecond) // several more looks at the clock
	if n := count(a.bodies(c), "Anything else?"); n != 1 {
		t.Errorf("%d nudges in one session", n)
	}
	a.Sim.MoveClock(5 * 24 * time.Hour)
	a.eventually("silence resolves it", func() bool { return a.again(c).State == models.ConversationResolved })
	if v := a.again(silent); v.State != models.ConversationOpen {
		t.Error("silence resolved a conversation in which somebody waits")
	}
	a.desk(func(d *models.Desk) {
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
	a.Sim.MoveClock(49 * time.Hour)
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Something else"))
	a.eventually("her message is in", func() bool { return count(inbound(a.thread(c)), "Something else") == 1 })
	if n := count(a.bodies(c), "Closed"); n != 1 {
		t.Errorf("an automatic message to somebody who opted out: %v", a.bodies(c))
	}
}

func inbound(list []models.Message) (out []string) {
	for _, m := range list {
		if m.Direction == "inbound" {
			out = append(out, m.Body)
		}
	}
	return out
}

// Round robin gives new conversations to those who are present and available, in turn, up to the limit.
func TestRoundRobin(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.desk(func(d *models.Desk) { d.Assign, d.AssignLimit = true, 2 })
	if c := a.wrote(omar, "Omar", "Hello"); c.AssigneeID != nil {
		t.Fatal("assigned to somebody who is not there")
	}
	for _, id := range []int64{1, 2, 3} {
		if err := a.Store.SeeUser(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	a.as("otto").post("/account/availability", url.Values{"availability": {"away"}})
	a.eventually("the first one finds somebody", func() bool { return a.conversation(omar, 1).AssigneeID != nil })
	for _, phone := range []string{"+4915100000011", "+4915100000012", "+4915100000013", "+4915100000014"} {
		a.wrote(phone, "Customer", "Hello")
	}
	var got []struct{ Name string }
	rows, err := a.Store.Pool().Query(t.Context(), "SELECT coalesce(u.name, '-') FROM conversations v LEFT JOIN users u ON u.id = v.assignee_id ORDER BY 1")
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

// The rating is asked inside the session with buttons; the answer counts, opens nothing again and waits for nobody.
func TestRating(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.desk(func(d *models.Desk) { d.Rating.On = true })
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	ana.post("/conversations/change", url.Values{"id": {c.PublicID}, "state": {"resolved"}})
	m := models.Message{}
	a.eventually("the question arrives", func() bool {
		list := a.thread(c)
		m = list[len(list)-1]
		return m.Body == "How did we do?" && m.Status == whatsapp.Delivered
	})
	if a.again(c).State != models.ConversationResolved {
		t.Error("the question opened the conversation")
	}
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "Good", Tap: &simulator.Tap{Title: "Good", ID: "parley-rating-3", Of: *m.TwilioSid}})
	a.eventually("the answer counts", func() bool {
		rows, err := a.Store.DeskReport(t.Context(), a.Store.Now().Add(-time.Hour))
		return err == nil && len(rows) > 0 && rows[len(rows)-1].Good == 1
	})
	if v := a.again(c); v.State != models.ConversationResolved || v.WaitingSince != nil || v.UnreadCount != 0 {
		t.Errorf("the answer opened it: %+v", v)
	}
	if r := a.as("otto").get("/reports"); r.Status != 200 || !strings.Contains(r.Text(), "ana") {
		t.Errorf("reports: %d %s", r.Status, r.Text())
	}
	// Not asked where the session is over.
	a.Sim.MoveClock(25 * time.Hour)
	ana.post("/conversations/change", url.Values{"id": {c.PublicID}, "state": {"open"}})
	ana.post("/conversations/change", url.Values{"id": {c.PublicID}, "state": {"resolved"}})
	time.Sleep(300 * time.Millisecond)
	if n := count(a.bodies(c), "How did we do?"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A reaction stands at its message, changes nothing else, and can be taken back. A quote is shown on both sides.
func TestReactionsAndQuotes(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Which room?")
	ana := a.as("ana")
	first := a.thread(c)[0]
	ana.post("/conversations/"+c.PublicID+"/replies", url.Values{"body": {"Room 4"}, "token": {"q"}, "quote": {first.PublicID}})
	m := a.last(c, whatsapp.Delivered)
	if m.Body != "> Which room?\nRoom 4" {
		t.Errorf("the person reads %q", m.Body)
	}
	page := ana.get("/inbox/" + c.PublicID).Doc()
	if q := page.Find(`[data-testid="quoted"]`); q.Length() != 1 || strings.Contains(page.Find("#m-"+m.PublicID+" .bubble").Text(), "> Which") {
		t.Errorf("the quote on the page: %q", page.Find("#m-"+m.PublicID+" .bubble").Text())
	}
	before := a.again(c)
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "👍", Of: *m.TwilioSid, Reaction: true})
	shown := func() string { return ana.get("/inbox/" + c.PublicID).Doc().Find(`[data-testid="reaction"]`).Text() }
	a.eventually("the reaction is shown", func() bool { return shown() == "👍" })
	if v := a.again(c); v.UnreadCount != before.UnreadCount || v.WaitingSince != nil || !v.WindowClosesAt.Equal(*before.WindowClosesAt) {
		t.Errorf("a reaction changed the conversation: %+v", v)
	}
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Of: *m.TwilioSid, Reaction: true})
	a.eventually("it is taken back", func() bool { return shown() == "" })
	a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{Body: "Thanks", Of: *m.TwilioSid})
	a.eventually("her answer shows what it answers", func() bool {
		return ana.get("/inbox/"+c.PublicID).Doc().Find(`[data-testid="quoted"]`).Length() == 2
	})
}

// What people send is served as what it is, or not shown at all; links for Twilio end.
func TestMediaIsHarmless(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	send := func(kind string, content []byte) models.MediaFile {
		n := len(a.thread(c))
		a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{File: content, ContentType: kind})
		var f models.MediaFile
		a.eventually("the file is here", func() bool {
			list := a.thread(c)
			if len(list) <= n || len(list[len(list)-1].Media) == 0 {
				return false
			}
			f = list[len(list)-1].Media[0]
			return f.File != ""
		})
		return f
	}
	for kind, content := range map[string][]byte{"image/png": []byte("<html><script>alert(1)</script>"), "text/html": []byte("<html><script>alert(1)</script>"), "image/svg+xml": []byte("<svg onload=alert(1)>"), "application/x-msdownload": []byte("MZ\x90\x00")} {
		f := send(kind, content)
		r := ana.get("/media/" + f.PublicID)
		if !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") || strings.HasPrefix(r.Header.Get("Content-Type"), "image/png") {
			t.Errorf("%s is served inline: %v", kind, r.Header)
		}
	}
	picture := bytes.Repeat([]byte("x"), 10)
	if f := send("image/png", append(samplePNG(t, 1600, 1200), picture...)); f.Thumb == "" {
		t.Error("a large picture has no thumbnail")
	} else if r := ana.get("/media/" + f.PublicID + "/thumb"); r.Status != 200 || r.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("thumbnail: %d %s", r.Status, r.Header.Get("Content-Type"))
	}
	if r := ana.upload("/conversations/"+c.PublicID+"/replies", "ok.png", samplePNG(t, 20, 20), "see"); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	var link string
	a.eventually("it went out", func() bool {
		for _, m := range a.Sim.Messages(lena) {
			if m.Body == "see" {
				link = strings.TrimPrefix(m.Media, a.URL)
			}
		}
		return link != ""
	})
	stranger := a.as("")
	if r := stranger.get(link); r.Status != 200 {
		t.Errorf("Twilio can't fetch it: %d", r.Status)
	}
	if r := stranger.get(link + "x"); r.Status != 404 {
		t.Errorf("a changed link: %d", r.Status)
	}
	a.Sim.MoveClock(29 * time.Hour)
	if r := stranger.get(link); r.Status != 404 {
		t.Errorf("the link still works a day later: %d", r.Status)
	}
}

// The inspector says which token signed a delivery, what came of it, what came late; playing one again is safe.
func TestInspector(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	a.as("ana").post("/conversations/"+c.PublicID+"/replies", reply("Answer"))
	m := a.last(c, whatsapp.Delivered)
	a.signed("/webhooks/twilio/status", url.Values{"MessageSid": {*m.TwilioSid}, "AccountSid": {account}, "MessageStatus": {"queued"}, "To": {"whatsapp:" + lena}})
	ada := a.as("ada")
	page := ada.get("/settings/webhooks?q=" + url.QueryEscape(lena)).Doc()
	if n := page.Find(`[data-testid="receipt"]`).Length(); n < 3 {
		t.Errorf("%d deliveries of her number", n)
	}
	if late := ada.get("/settings/webhooks?verdict=out_of_order").Text(); !strings.Contains(late, "Out of order") || !strings.Contains(late, "after a later status") {
		t.Errorf("what came late is not marked: %s", late)
	}
	if n := ada.get("/settings/webhooks?q=SM0000").Doc().Find(`[data-testid="receipt"]`).Length(); n != 0 {
		t.Errorf("a search for nothing finds %d", n)
	}
	list, err := a.Store.Receipts(t.Context(), models.ReceiptFilter{Kind: "message", Limit: 5})
	if err != nil || len(list) != 1 {
		t.Fatal(err, len(list))
	}
	one := "/settings/webhooks/" + list[0].PublicID
	if text := ada.get(one).Text(); !strings.Contains(text, "token no. 2") || !strings.Contains(text, "Lena") {
		t.Errorf("the delivery: %s", text)
	}
	if r := ada.post(one+"/replay", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if text := ada.get(one).Text(); !strings.Contains(text, "Played again") || !strings.Contains(text, "stored already") {
		t.Errorf("after playing it again: %s", text)
	}
	if n := len(a.thread(c)); n != 2 {
		t.Errorf("%d messages after playing it again", n)
	}
	a.exec("DELETE FROM messages WHERE conversation_id = $1 AND direction = 'inbound'", c.ID) // lost, somehow
	ada.post(one+"/replay", nil)
	if n := len(inbound(a.thread(c))); n != 1 {
		t.Errorf("playing it again did not bring back what was lost: %d", n)
	}
}
