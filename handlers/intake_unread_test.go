package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/models/senders"
)

// Parts that could not be read are named on the message, in one sentence, and in the inspector with the reason.
func TestUnreadIsSaid(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	take := func(form url.Values) string {
		t.Helper()
		if r := a.signed(messages, form); r.Status != http.StatusOK {
			t.Fatalf("%v: %d", form, r.Status)
		}
		var n int
		if _, err := fmt.Sscanf(form.Get("MessageSid"), "SM%x", &n); err != nil {
			t.Fatal(err)
		}
		return a.conversationOf(n)
	}
	id := take(written(1, "whatsapp:"+lena, "Latitude", "52,52", "Longitude", "13,4", "Label", "Our \u202eoffice", "NumMedia", "1"))
	text := ada.inThread(id).Text()
	if !strings.Contains(text, "Parley could not read part of this message: file, location.") || !strings.Contains(text, "Our office") || !strings.Contains(text, "Hello") {
		t.Errorf("the message says %q", text)
	}
	list, err := receipts.Read(a.Store).Receipts(t.Context(), receipts.ReceiptFilter{Limit: 1})
	if err != nil || !strings.Contains(list[0].Effect, "not read: file, location") || len(list[0].RawBody) != 0 {
		t.Fatalf("the receipt: %+v %v", list, err)
	}
	if text := ada.get("/settings/webhooks/" + list[0].PublicID).Text(); !strings.Contains(text, "Latitude “52,52” is no number of degrees") || !strings.Contains(text, "Latitude=52%2C52") {
		t.Errorf("the inspector says %q", text)
	}
	// A customer without an address that a message could be sent to.
	for i, from := range []string{"messenger:123", "", "+49 151 \u202e234", strings.Repeat("x", 100_000)} {
		id := take(written(10+2*i, from))
		if again := take(written(11+2*i, from)); again != id {
			t.Errorf("%.20q is somebody else the second time", from)
		}
		page := ada.inThread(id)
		if !strings.Contains(page.Text(), "can't be answered here") || !strings.Contains(page.Text(), "sender's address") {
			t.Errorf("%.20q: the page says %.2000q", from, page.Text())
		}
		if r := ada.post("/conversations/"+id+"/replies", reply("Hi")); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "no address of WhatsApp") {
			t.Errorf("%.20q: a reply: %d %.500s", from, r.Status, r.Text())
		}
	}
	if n := a.count("contact_addresses WHERE kind = 'other'"); n != 4 {
		t.Errorf("%d addresses of an unknown form", n)
	}
	// A message that is queued anyway is not sent.
	err = a.Store.InTx(t.Context(), func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, a.conversationOf(10))
		if err != nil {
			return err
		}
		_, err = conversations.QueueMessage(tx, c, &conversations.Message{Body: "Hi"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a.eventually("it is refused", func() bool {
		return a.count("messages WHERE status = 'refused' AND error_message = 'unknown_address'") == 1
	})
	// An unreadable number of the business.
	id = take(written(30, "whatsapp:"+lena, "To", "whatsapp:US.123"))
	page := ada.inThread(id)
	if !strings.Contains(page.Text(), "through "+senders.UnknownSender) || !strings.Contains(page.Text(), "the number it was sent to") {
		t.Errorf("to nobody: %q", page.Text())
	}
	if r := ada.post("/conversations/"+id+"/replies", reply("Hi")); r.Status != http.StatusConflict {
		t.Errorf("a reply from nowhere: %d", r.Status)
	}
	for _, path := range []string{"/inbox", "/settings/senders", "/settings/webhooks", "/settings/health", "/", "/start", "/notifications/new", "/contacts", "/contacts/optins/new"} {
		if r := ada.get(path); r.Status != http.StatusOK {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}
