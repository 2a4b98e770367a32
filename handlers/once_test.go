package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/conversations"
	"parley/models/modelstest"
	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

// contentsAt counts the contents at Twilio whose name starts with a prefix.
func (a *app) contentsAt(name string) (n int) {
	for _, c := range a.Sim.Contents() {
		if strings.HasPrefix(c.FriendlyName, name) {
			n++
		}
	}
	return n
}

// A content that Twilio created while the connection broke is used instead of being created again: for a submitted
// template, for a test, and for the rating question.
func TestContentIsMadeOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.Sim.SetFaults(simulator.Faults{CutOffContents: 1, PageAtMost: 2})
	page := otto.submitted(draftForm("visit", "Hello {{Name}}, your visit is confirmed.", "Name", "Noor"), "approved")
	if n := a.contentsAt("visit"); n != 1 {
		t.Errorf("%d contents of the template", n)
	}
	// The state after the program died when Twilio had answered.
	var id int64
	var sid, again string
	row := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT v.id, v.content_sid FROM template_versions v JOIN templates t ON t.id = v.template_id WHERE t.public_id = $1", page[strings.LastIndex(page, "/")+1:])
	if err := row.Scan(&id, &sid); err != nil {
		t.Fatal(err)
	}
	a.exec("UPDATE template_versions SET content_sid = NULL, state = 'submitted', twilio_state = '' WHERE id = $1", id)
	if err := a.Approvals.SubmitNow(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT content_sid FROM template_versions WHERE id = $1", id).Scan(&again); err != nil || again != sid {
		t.Errorf("the second run took %s, not %s: %v", again, sid, err)
	}

	a.joined(noor, "Noor", "Hello")
	r := otto.post("/templates/autosave", with(draftForm("try_me", "Hello {{Name}}, can you come?", "Name", "Noor"), "type", "twilio/quick-reply", "action-1-type", "QUICK_REPLY", "action-1-title", "Yes"))
	a.Sim.SetFaults(simulator.Faults{CutOffContents: 1})
	if r := otto.post("/templates/test", url.Values{"id": {r.Header.Get("X-Draft")}, "version": {"1"}, "test_phone": {noor}, "test_sender": {a.sender(true).PublicID}}); r.Status != http.StatusOK {
		t.Fatalf("test: %d %s", r.Status, r.Text())
	}
	a.eventually("the test arrives", func() bool { return a.received(noor, "Hello Noor, can you come?") == 1 })
	if n := a.contentsAt("try_me"); n != 1 {
		t.Errorf("%d contents of the test", n)
	}

	a.desk(func(d *conversations.InboxSettings) { d.Rating.On = true })
	c := a.wrote(lena, "Lena", "Hello")
	a.Sim.SetFaults(simulator.Faults{CutOffContents: 1})
	a.as("ana").post("/conversations/change", url.Values{"conversation": {c.PublicID}, "state": {"resolved"}})
	a.eventually("the question arrives", func() bool { return a.received(lena, "How did we do?") == 1 })
	if n := a.contentsAt("parley_rating"); n != 1 {
		t.Errorf("%d contents of the question", n)
	}
}

// A number and its code that Twilio accepted while the connection broke are not submitted again.
func TestSenderIsChangedOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	a.Sim.SetFaults(simulator.Faults{CutOffSenders: 1, PageAtMost: 1})
	r := ada.post("/settings/senders/register", url.Values{"phone": {ownNumber}, "code_method": {"sms"}, "profile_name": {"Harbor Clinic"}})
	if r.Status != http.StatusSeeOther {
		t.Fatalf("register: %d %s", r.Status, r.Text())
	}
	a.eventually("a code is asked for", func() bool { return a.senderOf(ownNumber).TwilioStatus == "PENDING_VERIFICATION" })
	a.Sim.SetFaults(simulator.Faults{CutOffSenders: 1, PageAtMost: 1})
	if r := ada.post(r.Header.Get("Location")+"/verify", url.Values{"code": {a.twilioSender(ownNumber).Code}}); r.Status != http.StatusSeeOther {
		t.Fatalf("verify: %d %s", r.Status, r.Text())
	}
	a.eventually("online", func() bool { return a.senderOf(ownNumber).TwilioStatus == "ONLINE" })
	a.eventually("the job is done", func() bool {
		return a.number("SELECT count(*) FROM river_job WHERE kind = 'change_sender' AND state = 'completed' AND attempt > 1") == 1
	})
	if s := a.senderOf(ownNumber); s.Problem != "" {
		t.Errorf("after the code was taken: %q", s.Problem)
	}
	n := 0
	for _, o := range a.Sim.Senders() {
		if o.Phone == ownNumber {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d numbers at Twilio", n)
	}
}

// If Twilio answers the look-up of one message with an error, the others are still looked up.
func TestOneUnknownDoesNotHoldOthers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	a.Sim.SetFaults(simulator.Faults{NoCallbacks: true})
	sids := []string{}
	for _, text := range []string{"one", "two"} {
		if r := ana.post("/conversations/"+c.PublicID+"/replies", reply(text)); r.Status != http.StatusSeeOther {
			t.Fatalf("reply: %d %s", r.Status, r.Text())
		}
		sids = append(sids, *a.last(c, whatsapp.Accepted).TwilioSid)
	}
	a.eventually("both arrived", func() bool {
		n := 0
		for _, m := range a.Sim.Messages(noor) {
			if !m.Inbound && m.Status == "delivered" && (m.Sid == sids[0] || m.Sid == sids[1]) {
				n++
			}
		}
		return n == 2
	})
	a.Sim.SetFaults(simulator.Faults{NoCallbacks: true, FetchErrorOf: sids[0]})
	a.Sim.MoveClock(10 * time.Minute)
	client, err := twilio.New(twilio.Credentials{AccountSID: account, Username: account, Password: token}, twilio.Options{BaseURL: a.Sim.BaseURL(a.URL)})
	if err != nil {
		t.Fatal(err)
	}
	a.eventually("the second is known", func() bool {
		if err := a.Messaging.AskUnknown(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		return a.number("SELECT count(*) FROM messages WHERE twilio_sid = $1 AND status = 'delivered'", sids[1]) == 1
	})
	if n := a.number("SELECT count(*) FROM messages WHERE twilio_sid = $1 AND status = 'accepted' AND asked_at IS NOT NULL", sids[0]); n != 1 {
		t.Error("the first was not asked about")
	}
}
