package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/whatsapp"
)

// A delivery that is played again, or restored, counts from when it was first received: its session, its waiting time
// and its consent start then, it overrides nothing newer, and it triggers no automatic message.
func TestReplayCountsFromThen(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	desk, err := conversations.Read(a.Store).InboxSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	desk.Greeting = conversations.Rule{On: true, Text: "Welcome"}
	if err := a.Store.InTx(t.Context(), func(tx *models.Tx) error { return conversations.SaveInboxSettings(tx, models.System("test"), desk) }); err != nil {
		t.Fatal(err)
	}
	a.signed(messages, written(1, "whatsapp:"+lena, "Body", "I need help"))
	a.signed(messages, written(2, "whatsapp:"+noor, "Body", "STOP"))
	lost := func() {
		a.exec("DELETE FROM messages")
		a.exec(`UPDATE conversations SET last_inbound_at = NULL, window_closes_at = NULL, waiting_since = NULL, last_message_at = NULL, unread_count = 0, session_began_at = NULL, opened_at = NULL`)
		a.exec("UPDATE contacts SET window_closes_at = NULL, last_seen_at = NULL")
	}
	lost()
	came := a.Store.Now()
	a.Sim.MoveClock(30 * time.Hour)
	replay := func(n int) {
		t.Helper()
		list, err := receipts.Read(a.Store).Receipts(t.Context(), receipts.ReceiptFilter{Search: sidNo(n), Limit: 5})
		if err != nil || len(list) == 0 {
			t.Fatal(err, len(list))
		}
		// also from the receipt of a replay
		if r := ada.post("/settings/webhooks/"+list[0].PublicID+"/replay", nil); r.Status != http.StatusSeeOther {
			t.Fatal(r.Status, r.Text())
		}
	}
	near := func(what string, at *time.Time) {
		t.Helper()
		if at == nil || came.Sub(*at).Abs() > time.Minute {
			t.Errorf("%s: %v, not %v", what, at, came)
		}
	}
	for range 2 {
		replay(1)
	}
	c := a.conversation(lena, 1)
	near("last inbound", c.LastInboundAt)
	near("waiting", c.WaitingSince)
	near("last message", c.LastMessageAt)
	near("opened", c.OpenedAt)
	near("message", &a.thread(c)[0].CreatedAt)
	if c.WindowOpen(a.Store.Now()) || c.Contact.WindowClosesAt.After(a.Store.Now()) {
		t.Error("the session is open again")
	}
	if c.UnreadCount != 1 || len(a.thread(c)) != 1 {
		t.Errorf("%d unread, %d messages: a greeting went out, or it came twice", c.UnreadCount, len(a.thread(c)))
	}
	if r := ada.post("/conversations/"+c.PublicID+"/replies", reply("Hi")); r.Status != http.StatusConflict {
		t.Errorf("a reply outside the session: %d", r.Status)
	}
	// Consent in a message is as old as the message.
	stopped := a.contactAt(noor)
	near("the opt-out", stopped.ConsentAt)
	a.signed(messages, written(3, "whatsapp:"+noor, "Body", "START"))
	lost()
	replay(2)
	if got := a.contactAt(noor); got.Consent != whatsapp.OptedIn {
		t.Errorf("an old STOP overruled a newer START: %s", got.Consent)
	}
	// A message received since then remains the latest one.
	a.signed(messages, written(4, "whatsapp:"+lena, "Body", "newer"))
	a.exec("DELETE FROM messages WHERE twilio_sid = $1", sidNo(1))
	replay(1)
	if c := a.conversation(lena, 1); c.LastLine == "I need help" || !c.WindowOpen(a.Store.Now()) || !c.WaitingSince.Before(came.Add(time.Minute)) {
		t.Errorf("an old message overruled a newer one: %q, waits since %v", c.LastLine, c.WaitingSince)
	}
}
