package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/conversations"
)

// got are the texts that reached a phone from Twilio.
func (a *app) got(phone string) (out []string) {
	a.t.Helper()
	for _, m := range a.Sim.Messages(phone) {
		if !m.Inbound && !m.Local {
			out = append(out, m.Body)
		}
	}
	return out
}

// arrives waits until a text reached a phone, and checks that it reached nobody else.
func (a *app) arrives(text, phone string) {
	a.t.Helper()
	a.eventually(text+" reaches a phone", func() bool {
		for _, m := range a.Sim.Messages("") {
			if !m.Inbound && !m.Local && strings.Contains(m.Body, text) {
				return true
			}
		}
		return false
	})
	if !strings.Contains(strings.Join(a.got(phone), "\n"), text) {
		a.t.Errorf("%q went to another phone than %s", text, phone)
	}
}

// Done fails the test if an error is returned.
func done(t *testing.T, r answer) {
	t.Helper()
	if r.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
}

func reachedAt(page answer) string { return page.Doc().Find("[data-testid=reached-at]").Text() }

// After two contacts are merged, replies go to the address that wrote, whichever number is newer: replies by hand,
// automatic messages, and scheduled replies. A notification goes to the chosen number, a call of the API to the number
// that it names.
func TestReplyGoesToWhoWrote(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ana, ada := a.as("otto"), a.as("ana"), a.as("ada")
	const one, two = "+4915111111111", "+4915122222222"
	a.customers(one, two)
	first, second := a.contactAt(one), a.contactAt(two)
	a.Sim.MoveClock(30 * time.Hour) // both sessions are over
	contactPage := "/contacts/" + first.PublicID
	done(t, otto.post(contactPage+"/merge", url.Values{"other": {second.PublicID}}))
	conv := a.conversation(one, 2)
	before := len(a.thread(conv))
	a.Sim.Write(one, clinic, writes("it is me"))
	a.conversation(one, before+1)
	chat := "/conversations/" + conv.PublicID
	done(t, ana.post(chat+"/replies", reply("Hello to the first")))
	a.arrives("Hello to the first", one)
	page := ana.get("/inbox/" + conv.PublicID)
	if got := reachedAt(page); got != "Replies go to +49 1511 1111111 · through Clinic" {
		t.Errorf("the head says %q", got)
	}

	a.desk(func(d *conversations.InboxSettings) { d.Greeting = conversations.Rule{On: true, Text: "Greetings"} })
	ana.post("/conversations/change", url.Values{"conversation": {conv.PublicID}, "state": {"resolved"}})
	a.Sim.Write(two, clinic, writes("my other phone"))
	a.arrives("Greetings", two)
	page = ana.get("/inbox/" + conv.PublicID)
	if got := reachedAt(page); !strings.Contains(got, "+49 1512 2222222") {
		t.Errorf("the head says %q", got)
	}
	if got := page.Doc().Find("[data-testid=address]").Last().Text(); got != "Now writes from +49 1512 2222222" {
		t.Errorf("the thread says %q", got)
	}
	done(t, ana.post(chat+"/scheduled-replies", url.Values{"body": {"In an hour"}, "at": {"1h"}, "token": {"l1"}}))
	a.Sim.Write(one, clinic, writes("and the first again"))
	a.eventually("the first writes again", func() bool {
		return strings.Contains(ana.get("/inbox/"+conv.PublicID).Text(), "and the first again")
	})
	a.Sim.MoveClock(2 * time.Hour)
	a.arrives("In an hour", one)

	// templates
	a.exec("UPDATE contacts SET consent = 'opted_in', consent_at = now() WHERE public_id = '" + first.PublicID + "'")
	v := a.approvedTemplate(otto, "order_ready", "Your order {{Number}} is ready for you.", "Number", "4711")
	notify := func(number string) {
		t.Helper()
		form := a.base(v, "n"+number)
		form["audience"], form["contact"] = []string{"contacts"}, []string{first.PublicID}
		form["value-1"] = []string{number}
		page := a.checked(otto, form)
		done(t, otto.post(page+"/start", url.Values{}))
	}
	notify("1001")
	a.arrives("order 1001", one)
	contact := otto.get(contactPage).Doc()
	if n := contact.Find("[data-testid=contact-address]").Length(); n != 2 {
		t.Fatalf("%d addresses", n)
	}
	id, _ := contact.Find("#addresses [name=number]").Attr("value")
	if r := ana.post(contactPage+"/number", url.Values{"number": {id}}); r.Status != http.StatusForbidden {
		t.Errorf("an agent chooses: %d", r.Status)
	}
	if r := otto.post(contactPage+"/number", url.Values{"number": {"one"}}); r.Problem("number") == "" {
		t.Errorf("no number: %d %s", r.Status, r.Text())
	}
	done(t, otto.post(contactPage+"/number", url.Values{"number": {id}}))
	if !strings.Contains(ada.get("/settings/audit").Text(), "go to another number now") {
		t.Error("nobody knows who chose the number")
	}
	notify("1002")
	a.arrives("order 1002", two)
	done(t, ana.post(chat+"/templates", url.Values{"template": {v.PublicID}, "value-1": {"1003"}, "token": {"t3"}}))
	a.arrives("order 1003", one) // the agent talks to the one who wrote
	key := ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	for number, to := range map[string]string{"1004": one, "1005": two} {
		body := fmt.Sprintf(`{"to": %q, "template": "order_ready", "sender": %q, "values": {"Number": %q}}`, to, clinic, number)
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/notifications/send", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Idempotency-Key", number)
		if r := a.as("").send(req); r.Status != http.StatusCreated {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
		a.arrives("order "+number, to)
	}
}

// An open session of one number does not permit free-form messages to another number of the same person, and a test
// goes to the phone that was typed.
func TestWindowIsOfTheNumber(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ana := a.as("otto"), a.as("ana")
	const one, two = "+4915111111111", "+4915122222222"
	a.customers(one, two)
	first, second := a.contactAt(one), a.contactAt(two)
	a.Sim.MoveClock(30 * time.Hour)
	otto.post("/contacts/"+first.PublicID+"/merge", url.Values{"other": {second.PublicID}})
	conv := a.conversation(one, 2)
	if r := ana.post("/conversations/"+conv.PublicID+"/replies", reply("Too late")); r.Status != http.StatusConflict {
		t.Errorf("in a closed session: %d", r.Status)
	}
	a.Sim.Write(one, clinic, writes("it is me"))
	a.conversation(one, 3)
	draft := otto.post("/templates/autosave", draftForm("draft_one", "A draft of mine.")).Header.Get("X-Draft")
	test := func(phone string) answer {
		f := url.Values{"id": {draft}, "version": {"1"}, "test_phone": {phone}, "test_sender": {a.sender(false).PublicID}}
		return otto.post("/templates/test", f)
	}
	if r := test(two); r.Status != 422 || !strings.Contains(r.Text(), "only while a session is open") {
		t.Errorf("a test to the phone whose hours are over: %d %s", r.Status, r.Text())
	}
	if r := test(one); r.Status != http.StatusOK {
		t.Errorf("a test to the one that wrote: %d %s", r.Status, r.Text())
	}
	a.arrives("A draft of mine.", one)
	if len(a.got(two)) > 0 {
		t.Errorf("the other phone got %q", a.got(two))
	}
}

// A user who sees masked numbers sees them masked in the head, in the thread and among a contact's addresses.
func TestAddressesAreMasked(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, ana := a.as("ada"), a.as("ana")
	webhook := func(sid, from, userID string) {
		t.Helper()
		form := url.Values{
			"MessageSid":     {"SM" + strings.Repeat("0", 31) + sid},
			"AccountSid":     {account},
			"From":           {from},
			"To":             {"whatsapp:" + clinic},
			"Body":           {"hello"},
			"NumMedia":       {"0"},
			"ProfileName":    {"Noor"},
			"ExternalUserId": {userID},
		}
		if r := a.signed("/webhooks/twilio/messages", form); r.Status != http.StatusOK {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	webhook("1", "whatsapp:+4915111111111", "BR.15025763946ab5843")
	webhook("2", "whatsapp:+4915122222222", "BR.15025763946ab5843")
	privacy := url.Values{"message_months": {"0"}, "media_months": {"0"}, "masked": {"agent"}, "do": {"save"}}
	done(t, ada.post("/settings/privacy", privacy))
	conv := a.conversation("+4915122222222", 2)
	for _, page := range []string{"/inbox/" + conv.PublicID, "/contacts/" + conv.Contact.PublicID} {
		text := ana.get(page).Body
		for _, whole := range []string{"1511 1111111", "15111111111", "1512 2222222", "15122222222", "15025763946ab5843"} {
			if strings.Contains(text, whole) {
				t.Errorf("%s shows %s", page, whole)
			}
		}
		if !strings.Contains(text, "+49 1") || !strings.Contains(ada.get(page).Text(), "+49 1512 2222222") {
			t.Errorf("%s does not name the number", page)
		}
	}
	webhook("3", "whatsapp:BR.15025763946ab5843", "")
	if got := reachedAt(ada.get("/inbox/" + conv.PublicID)); !strings.Contains(got, "WhatsApp id BR.15025763946ab5843") {
		t.Errorf("the head says %q", got)
	}
}
