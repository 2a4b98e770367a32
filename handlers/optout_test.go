package handlers_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"parley/models/conversations"
	"parley/models/people"
	"parley/simulator"
	"parley/whatsapp"
)

// consents are a contact's consent events, latest first.
func (a *app) consents(phone string) []people.ConsentEvent {
	a.t.Helper()
	list, err := people.Read(a.Store).ConsentHistory(a.t.Context(), a.contactAt(phone).ID)
	if err != nil {
		a.t.Fatal(err)
	}
	return list
}

// optedIn records a fresh opt-in, so that the next opt-out is seen.
func (a *app) optedIn(v *visitor, phone string) {
	a.t.Helper()
	v.post("/contacts/"+a.contactAt(phone).PublicID+"/consent", url.Values{"kind": {"opted_in"}, "source": {"by_hand"}, "proof": {"asked again"}})
	if c := a.contactAt(phone); c.Consent != whatsapp.OptedIn {
		a.t.Fatalf("%s: %s", phone, c.Consent)
	}
}

// A tap opts out if either the button's text or its id says so, whatever the other is; Cancel and Yes are answers. The
// record names the button.
func TestTapsOptOut(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers(noor)
	n := 0
	for i, c := range []struct {
		form url.Values
		want whatsapp.Consent
	}{
		{url.Values{"ButtonText": {"Abmelden"}}, whatsapp.OptedOut},
		{url.Values{"ButtonText": {"Stop promotions"}, "ButtonPayload": {"promo"}}, whatsapp.OptedOut},
		{url.Values{"ButtonText": {"Nein danke"}, "ButtonPayload": {"STOP"}, "Body": {"Nein danke"}}, whatsapp.OptedOut},
		{url.Values{"ListTitle": {"Keine Post"}, "ListId": {"unsubscribe"}, "MessageType": {"interactive"}}, whatsapp.OptedOut},
		{url.Values{"Body": {"Abmelden"}, "MessageType": {"button"}}, whatsapp.OptedOut},
		{url.Values{"ButtonText": {"Cancel"}, "ButtonPayload": {"cancel"}, "Body": {"Cancel"}}, whatsapp.OptedIn},
		{url.Values{"ButtonText": {"Yes"}, "ButtonPayload": {"confirm"}}, whatsapp.OptedIn},
		{url.Values{"Body": {"Cancel"}, "MessageType": {"button"}}, whatsapp.OptedIn},
	} {
		form := url.Values{"MessageSid": {"SM" + strings.Repeat("e", 31) + strconv.FormatInt(int64(i), 16)}, "AccountSid": {account}, "From": {"whatsapp:" + noor},
			"To": {"whatsapp:" + clinic}, "NumMedia": {"0"}, "MessageType": {"button"}}
		for k, v := range c.form {
			form[k] = v
		}
		a.optedIn(otto, noor)
		if r := a.signed("/webhooks/twilio/messages", form); r.Status != 200 {
			t.Fatalf("%v: %d", c.form, r.Status)
		}
		if got := a.contactAt(noor).Consent; got != c.want {
			t.Errorf("%v: %s", c.form, got)
		}
		if c.want == whatsapp.OptedOut {
			n++
			if e := a.consents(noor)[0]; e.Source != whatsapp.SourceKeyword || !strings.Contains(e.Proof, "tapped") || e.ReceiptID == nil {
				t.Errorf("%v: %+v", c.form, e)
			}
		}
	}
	// A tapped Yes never opts in a contact who opted out.
	a.optOut(otto, noor)
	a.signed("/webhooks/twilio/messages", url.Values{"MessageSid": {"SM" + strings.Repeat("d", 32)}, "AccountSid": {account}, "From": {"whatsapp:" + noor}, "To": {"whatsapp:" + clinic},
		"ButtonText": {"Yes"}, "ButtonPayload": {"START"}, "NumMedia": {"0"}})
	if got := a.contactAt(noor).Consent; got != whatsapp.OptedOut {
		t.Errorf("a tapped Yes: %s", got)
	}
}

func (a *app) optOut(v *visitor, phone string) {
	a.t.Helper()
	v.post("/contacts/"+a.contactAt(phone).PublicID+"/consent", url.Values{"kind": {"opted_out"}, "source": {"by_hand"}, "proof": {"called us"}})
}

// If Twilio sends no button id, it is taken from our template that has the button.
func TestTapOfOurTemplate(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.customers(noor)
	otto := a.as("otto")
	c := a.conversation(noor, 1)
	otto.post("/conversations/"+c.PublicID+"/replies", reply("A question"))
	m := a.last(c, whatsapp.Delivered)
	a.exec(`WITH t AS (INSERT INTO templates (name, category, fallback_language) VALUES ('ask', 'UTILITY', 'de') RETURNING id),
		v AS (INSERT INTO template_versions (template_id, language, number, body, content) SELECT id, 'de', 1, 'Weiter?', '{"actions": [{"type": "QUICK_REPLY", "title": "Lieber nicht", "id": "STOP"}]}' FROM t RETURNING id)
		UPDATE messages SET kind = 'template', version_id = (SELECT id FROM v) WHERE id = $1`, m.ID)
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("c", 32)}, "AccountSid": {account}, "From": {"whatsapp:" + noor}, "To": {"whatsapp:" + clinic}, "NumMedia": {"0"},
		"MessageType": {"button"}, "ButtonText": {"Lieber nicht"}, "OriginalRepliedMessageSid": {*m.TwilioSid}}
	if a.signed("/webhooks/twilio/messages", form); a.contactAt(noor).Consent != whatsapp.OptedOut {
		t.Error("a button that our template knows as STOP")
	}
}

// A keyword with signs between its letters opts out; plain words are marked for the agent; in a session with the
// Sandbox neither opts anybody in.
func TestTypedOptOuts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers(noor)
	n := 1
	for _, text := range []string{"S.T.O.P", "توقـف", "s t o p", "ＳＴＯＰ", "ST\u200bOP"} {
		a.optedIn(otto, noor)
		a.Sim.Write(noor, clinic, writes(text))
		a.eventually(text+" opts out", func() bool { return a.contactAt(noor).Consent == whatsapp.OptedOut })
		n++
	}
	a.optedIn(otto, noor)
	for text, hint := range map[string]conversations.Hint{"remove me": conversations.HintOptOut, "unsuscribe": conversations.HintOptOut, "Schreiben Sie mir nicht mehr": conversations.HintOptOut,
		"please don't stop sending": "", "what time does the shop stop serving": ""} {
		a.Sim.Write(noor, clinic, writes(text))
		a.eventually(text+" arrives", func() bool {
			for _, m := range a.thread(a.conversation(noor, 1)) {
				if m.Body == text {
					if m.Hint != hint {
						t.Errorf("%q: hint %q", text, m.Hint)
					}
					return true
				}
			}
			return false
		})
	}
	if got := a.contactAt(noor).Consent; got != whatsapp.OptedIn {
		t.Errorf("plain words: %s", got)
	}
	// The first message to the Sandbox is not an opt-in if it asks for the opposite.
	const lena = "+4915122222222"
	a.Sim.AddCustomer(lena, "Lena")
	form := url.Values{"MessageSid": {"SM" + strings.Repeat("b", 32)}, "AccountSid": {account}, "From": {"whatsapp:" + lena}, "To": {"whatsapp:" + simulator.SandboxPhone}, "NumMedia": {"0"}, "Body": {"please remove me"}}
	if a.signed("/webhooks/twilio/messages", form); a.contactAt(lena).Consent != whatsapp.ConsentNone {
		t.Error("a request to be removed opted in")
	}
}
