package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"parley/models/conversations"
	"parley/models/conversations/receipts"
)

// No part of a webhook's body remains after its person was erased, by whichever address it names them, or after the
// retention period.
func TestBodiesGo(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	const mexican, variant, id, parent = "+5215512345678", "+525512345678", "MX.1502576394655843", "MX.ENT.118157992128868"
	a.signed(messages, written(1, "whatsapp:"+mexican, "Body", "secret one", "ExternalUserId", id, "ParentExternalUserId", parent))
	bodies := []url.Values{
		{"MessageSid": {sidNo(2)}, "MessageStatus": {"sent"}, "To": {"whatsapp:" + variant}, "Note": {"secret two"}},
		{"MessageSid": {sidNo(3)}, "MessageStatus": {"sent"}, "To": {"whatsapp:" + id}, "Note": {"secret three"}},
		{"MessageSid": {sidNo(4)}, "MessageStatus": {"sent"}, "ParentExternalUserId": {parent}, "Note": {"secret four"}},
		{"To": {"whatsapp:" + mexican}, "Note": {"secret five"}}, // refused, without a message
	}
	for _, form := range bodies {
		a.signed(statuses, form)
	}
	a.signed(messages, written(9, "messenger:77", "Body", "secret six"))
	a.signed(messages, written(10, "whatsapp:"+lena, "Body", "somebody else"))
	kept := func() int { return a.count("webhook_receipts WHERE raw_body IS NOT NULL OR form <> ''") }
	if n := kept(); n != 7 {
		t.Fatalf("%d bodies", n)
	}
	for _, n := range []int{1, 9} {
		conv, err := conversations.Read(a.Store).ConversationByPublicID(t.Context(), a.conversationOf(n))
		if err != nil {
			t.Fatal(err)
		}
		if r := ada.post("/contacts/"+conv.Contact.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Status, r.Text())
		}
	}
	if n := kept(); n != 1 {
		t.Errorf("%d bodies are left, want the other person's", n)
	}
	for _, secret := range []string{mexican, variant, id, parent, "messenger:77"} {
		if where := a.findText(secret); where != "" {
			t.Errorf("%q is still in %s", secret, where)
		}
	}
	list, err := receipts.Read(a.Store).Receipts(t.Context(), receipts.ReceiptFilter{Search: sidNo(1), Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	ada.post("/settings/webhooks/"+list[0].PublicID+"/replay", nil)
	if n := a.count("webhook_receipts WHERE replay_of IS NOT NULL"); n != 0 {
		t.Error("an erased person's message can be played again")
	}
	// Retention also deletes receipts without a message.
	a.signed(statuses, url.Values{"Note": {"old, and of no message"}})
	a.exec("UPDATE webhook_receipts SET received_at = now() - interval '13 months' WHERE verdict = 'malformed'")
	a.exec("UPDATE messages SET created_at = now() - interval '13 months'")
	ada.post("/settings/privacy", url.Values{"message_months": {"12"}, "media_months": {"0"}, "do": {"save"}})
	if err := a.People.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d bodies outlive their messages", n)
	}
}
