package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

// forever is more requests than any test makes.
const forever = 1 << 30

// Promise 5, for a person without a number: a reply that Twilio accepted while the connection broke is found, on any
// page of the list, and is not sent again while Twilio's list does not reach back to it.
func TestReplyToUserIDOnce(t *testing.T) {
	t.Parallel()
	const id = "BR.15025763946ab5843"
	for name, c := range map[string]struct {
		before simulator.Faults // while the reply is sent
		broken simulator.Faults // from then on, so that it must stay in doubt
		healed simulator.Faults
	}{
		"Twilio filters by user id": {before: simulator.Faults{CutOff: 1}},
		"Twilio lists everybody": {
			before: simulator.Faults{CutOff: 1},
			healed: simulator.Faults{PageAtMost: 50, ListsEverybody: true},
		},
		"a page fails midway": {
			before: simulator.Faults{CutOff: 1},
			broken: simulator.Faults{PageAtMost: 50, ListsEverybody: true, ListBreaks: forever},
			healed: simulator.Faults{PageAtMost: 50, ListsEverybody: true},
		},
		"more pages than are read": {
			before: simulator.Faults{TimeOut: 1},
			broken: simulator.Faults{PageAtMost: 1, ListsEverybody: true},
		},
		"it waits in Twilio's queue": {before: simulator.Faults{CutOff: 1, Stuck: true}},
		"Twilio answers 500 after taking it": {
			before: simulator.Faults{ErrorAfterTaking: 1},
			healed: simulator.Faults{PageAtMost: 7},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t)
			a.Sim.AddHidden(id, "noor.b", "Noor", "")
			a.Sim.Write(id, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
			conv := a.conversation("Noor", 1)
			c.before.NoCallbacks, c.broken.NoCallbacks, c.healed.NoCallbacks = true, true, true
			c.before.ListError = forever // look nothing up before the other messages exist
			a.Sim.SetFaults(c.before)
			if r := a.as("ana").post("/conversations/"+conv.PublicID+"/replies", reply("On my way")); r.Status != http.StatusSeeOther {
				t.Fatalf("reply: %d %s", r.Status, r.Text())
			}
			a.last(conv, whatsapp.OutcomeUnknown)
			a.sendToOthers(120)
			a.Sim.SetFaults(c.broken)
			if c.broken.PageAtMost > 0 {
				a.eventually("it is looked up in vain", func() bool {
					return a.number("SELECT count(*) FROM messages WHERE status = 'in_doubt' AND lookups >= 6 AND sending_at < now() - interval '600 milliseconds'") == 1
				})
			}
			a.Sim.SetFaults(c.healed)
			a.last(conv, whatsapp.Accepted)
			if n := a.received(id, "On my way"); n != 1 {
				t.Errorf("it went out %d times", n)
			}
		})
	}
}

// A message that Twilio did not accept, and does not list, is sent, also to a person without a number.
func TestReplyToUserIDNotTaken(t *testing.T) {
	t.Parallel()
	const id = "US.ENT.11815799212886844830"
	a := newApp(t)
	a.Sim.AddHidden(id, "", "Noor", "")
	a.Sim.Write(id, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
	conv := a.conversation("Noor", 1)
	a.sendToOthers(120)
	a.Sim.SetFaults(simulator.Faults{ServerError: 1, PageAtMost: 50, ListsEverybody: true})
	if r := a.as("ana").post("/conversations/"+conv.PublicID+"/replies", reply("On my way")); r.Status != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", r.Status, r.Text())
	}
	a.last(conv, whatsapp.Delivered)
	if n := a.received(id, "On my way"); n != 1 {
		t.Errorf("it went out %d times", n)
	}
	if n := a.number("SELECT attempts FROM messages WHERE body = 'On my way'"); n != 2 {
		t.Errorf("it was sent in %d attempts, want 2", n)
	}
}

// A customer who hides the number can be added on the phones' page, write, and get replies without one.
func TestCustomerHidesTheNumber(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	phones := a.as("")
	for name, form := range map[string]url.Values{
		"a name":      {"hidden": {"1"}},
		"a username":  {"hidden": {"1"}, "name": {"Noor"}, "username": {"No Good"}},
		"a number":    {"name": {"Noor"}},
		"a right one": {"hidden": {"1"}, "name": {"Noor"}, "phone": {"12"}},
		"not our own": {"hidden": {"1"}, "name": {"Noor"}, "phone": {simulator.BusinessPhone}},
	} {
		if r := phones.post("/simulator/phones", form); r.Status != http.StatusUnprocessableEntity || r.Doc().Find("[role=alert]").Length() != 1 {
			t.Errorf("%s is not asked for: %d", name, r.Status)
		}
	}
	r := phones.post("/simulator/phones", url.Values{"hidden": {"1"}, "name": {"Noor"}, "username": {"@noor.b"}, "phone": {noor}})
	page := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || !strings.Contains(phones.get(page).Doc().Find("[data-testid=phone-known]").Text(), "@noor.b") {
		t.Fatalf("added: %d %s", r.Status, page)
	}
	phones.post(page+"/messages", url.Values{"with": {"business"}, "body": {"Hello from nowhere"}})
	conv := a.conversation("Noor", 1)
	if r := a.as("ana").post("/conversations/"+conv.PublicID+"/replies", reply("On my way")); r.Status != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", r.Status, r.Text())
	}
	a.last(conv, whatsapp.Delivered)
	text := phones.get(page + "?with=business").Text()
	if !strings.Contains(text, "On my way") || a.number("SELECT count(*) FROM contact_addresses WHERE kind = 'phone'") != 0 {
		t.Errorf("on the phone: %s", text)
	}
	// When shown again, the number belongs to the same person.
	phones.post(page+"/number", url.Values{"with": {"business"}})
	phones.post(page+"/messages", url.Values{"with": {"business"}, "body": {"It's me"}})
	a.eventually("one person with both", func() bool {
		return a.number("SELECT count(*) FROM contact_addresses x JOIN contacts c ON c.id = x.contact_id WHERE c.gone = '' AND x.address = $1", noor) == 1
	})
	if n := a.number("SELECT count(*) FROM contacts WHERE gone = ''"); n != 1 {
		t.Errorf("%d people", n)
	}
}

// sendToOthers sends other messages from the same sender, as another program on the account would.
func (a *app) sendToOthers(n int) {
	a.t.Helper()
	client, err := twilio.New(twilio.Credentials{AccountSID: account, Username: account, Password: token}, twilio.Options{BaseURL: a.Sim.BaseURL(a.URL)})
	if err != nil {
		a.t.Fatal(err)
	}
	for i := range n {
		m := twilio.Message{From: "whatsapp:" + simulator.BusinessPhone, To: fmt.Sprintf("whatsapp:+49151%08d", 30000000+i), Body: "to somebody else"}
		for {
			_, err := client.Send(m)
			if err == nil {
				break
			}
			if twilio.OutcomeOf(err) == twilio.Refused {
				a.t.Fatal(err)
			}
		}
	}
}

// received counts how often a text reached a customer's address at Twilio.
func (a *app) received(key, body string) (n int) {
	for _, m := range a.Sim.Messages(key) {
		if !m.Inbound && m.Body == body {
			n++
		}
	}
	return n
}
