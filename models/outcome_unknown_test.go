package models_test

import (
	"fmt"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/outbox"
	"parley/models/modelstest"
	"parley/whatsapp"
)

// queue is a store with one conversation for messages.
type queue struct {
	*models.Store
	t *testing.T
}

func newOutbox(t *testing.T) queue {
	t.Helper()
	store, _ := modelstest.New(t)
	o := queue{store, t}
	o.exec("INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')")
	o.exec("INSERT INTO contacts (name, phone, country) VALUES ('Noor', '+4915123456789', 'DE')")
	o.exec(
		"INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts WHERE phone = '+4915123456789'",
	)
	o.exec(
		"INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM contacts c, senders s WHERE s.phone = '+15550100200' AND c.phone = '+4915123456789'",
	)
	return o
}

func (o queue) exec(q string, args ...any) {
	o.t.Helper()
	if _, err := modelstest.PoolOf(o.Store).Exec(o.t.Context(), q, args...); err != nil {
		o.t.Fatal(err)
	}
}

// message writes an outbound message; ago is how many seconds ago its call began.
func (o queue) message(status string, attempts, lookups, ago int) (id int64, ref string) {
	o.t.Helper()
	err := modelstest.PoolOf(o.Store).
		QueryRow(o.t.Context(), `INSERT INTO messages (conversation_id, sender_id, address_id, direction, body, status, attempts, lookups, send_at, sending_at, created_at)
		SELECT v.id, v.sender_id, a.id, 'outbound', 'x', $1, $2, $3, now(), now() - make_interval(secs => $4), now()
		FROM conversations v JOIN contact_addresses a ON a.contact_id = v.contact_id WHERE a.address = '+4915123456789' RETURNING id, public_id`, status, attempts, lookups, ago).
		Scan(&id, &ref)
	if err != nil {
		o.t.Fatal(err)
	}
	return id, ref
}

func (o queue) failedBefore(id int64, sid string) {
	o.t.Helper()
	o.exec(
		"INSERT INTO message_attempts (twilio_sid, message_id, error_code, failed_at) VALUES ($1, $2, 63010, now())",
		sid,
		id,
	)
}

// A callback settles a message that was queued again because Twilio's list showed it too late. A callback about an
// earlier failed attempt does not affect the next.
func TestCallbackSettlesWhatIsQueuedAgain(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	for i, c := range []struct {
		status   string
		attempts int
		failed   bool // the sid belongs to an earlier attempt
		want     conversations.StatusEffect
	}{
		{status: "queued", attempts: 1, want: conversations.StatusApplied},
		{status: "sending", attempts: 1, want: conversations.StatusApplied},
		{status: "in_doubt", attempts: 1, want: conversations.StatusApplied},
		{status: "queued", want: conversations.StatusUnknown},
		{status: "failed", attempts: 1, want: conversations.StatusUnknown},
		{status: "queued", attempts: 1, failed: true, want: conversations.StatusUnknown},
		{status: "sending", attempts: 2, failed: true, want: conversations.StatusUnknown},
	} {
		sid := fmt.Sprintf("SM%032x", i)
		id, ref := o.message(c.status, c.attempts, 0, 5)
		if c.failed {
			o.failedBefore(id, sid)
		}
		err := o.InTx(t.Context(), func(tx *models.Tx) error {
			got, err := conversations.TakeStatus(
				tx,
				conversations.StatusEvent{MessageSid: sid, Status: "sent", ReceivedAt: tx.Now()},
				ref,
			)
			if got != c.want {
				t.Errorf("%+v: effect %v", c, got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Sids of earlier attempts are recorded, so that a look-up does not mistake one of them for the message that was sent
// again.
func TestKnownSids(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	id, _ := o.message("in_doubt", 2, 0, 5)
	o.failedBefore(id, "SMbefore")
	o.exec("UPDATE messages SET twilio_sid = 'SMnow', status = 'sent' WHERE id = $1", id)
	got, err := outbox.Read(o.Store).KnownSids(t.Context(), []string{"SMbefore", "SMnow", "SMother"})
	if err != nil || len(got) != 2 || !got["SMbefore"] || !got["SMnow"] {
		t.Errorf("%v %v", got, err)
	}
	if got, err := outbox.Read(o.Store).KnownSids(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("of none: %v %v", got, err)
	}
}

// Messages that were looked up without a result do not delay others.
func TestInDoubtLeastLookedUpFirst(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	stuck, _ := o.message("in_doubt", 1, 9, 600)
	newer, _ := o.message("in_doubt", 1, 0, 5)
	older, _ := o.message("in_doubt", 1, 0, 60)
	underWay, _ := o.message("sending", 1, 0, 1)
	o.message("queued", 1, 0, 90)
	var sender int64
	if err := modelstest.PoolOf(o.Store).QueryRow(t.Context(), "SELECT id FROM senders WHERE phone = '+15550100200'").Scan(&sender); err != nil {
		t.Fatal(err)
	}
	list, err := outbox.Read(o.Store).WithUnknownOutcome(t.Context(), sender, 10)
	if err != nil || len(list) != 3 || list[0].ID != older || list[1].ID != newer || list[2].ID != stuck {
		t.Errorf("in doubt: %+v %v", list, err)
	}
	pending, err := outbox.Read(o.Store).PendingWith(t.Context(), newer)
	if err != nil || len(pending) != 4 || pending[0].ID != stuck || pending[3].ID != underWay ||
		pending[3].Status != whatsapp.Sending || pending[0].To().Phone == "" {
		t.Errorf("pending: %+v %v", pending, err)
	}
	if err := outbox.CountLookups(t.Context(), o.Store, []int64{newer, underWay}); err != nil {
		t.Fatal(err)
	}
	if list, err = outbox.Read(o.Store).WithUnknownOutcome(t.Context(), sender, 1); err != nil || list[0].ID != older {
		t.Errorf("after a look-up: %+v %v", list, err)
	}
}

// An answer whose sid belongs to another message by now does not prevent the others of its batch from being settled.
func TestSettleTakenTwice(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	first, _ := o.message("in_doubt", 1, 0, 5)
	second, _ := o.message("sending", 1, 0, 5)
	third, _ := o.message("sending", 1, 0, 5)
	if err := o.InTx(t.Context(), func(tx *models.Tx) error { return conversations.SettleAccepted(tx, first, "SM1") }); err != nil {
		t.Fatal(err)
	}
	if err := outbox.SettleTaken(t.Context(), o.Store, []outbox.Taken{{ID: second, Sid: "SM1"}, {ID: third, Sid: "SM3"}}); err != nil {
		t.Fatal(err)
	}
	var got string
	err := modelstest.PoolOf(o.Store).
		QueryRow(t.Context(), "SELECT string_agg(status || coalesce(twilio_sid, ''), ' ' ORDER BY id) FROM messages WHERE id IN ($1, $2, $3)", first, second, third).
		Scan(&got)
	if err != nil || got != "acceptedSM1 sending acceptedSM3" {
		t.Errorf("%q %v", got, err)
	}
}
