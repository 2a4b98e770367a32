package messaging_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"parley/models/conversations/receipts"
	"parley/models/modelstest"
	"parley/services/messaging"
)

func textMessage(sid string) messaging.Delivery {
	form := url.Values{
		"MessageSid": {sid},
		"From":       {"whatsapp:+4915112345678"},
		"To":         {"whatsapp:+15550100200"},
		"Body":       {"Hello"},
		"NumMedia":   {"0"},
	}
	return messaging.Delivery{Body: []byte(form.Encode()), Form: form, RequestID: sid, TokenNo: 1}
}

// A webhook whose caller hangs up while the database is busy is answered at once. It is then stored as a whole, with
// the one receipt that says so, or, where it had not been begun, not at all, with one that says that.
func TestTwilioHangsUp(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	pool := modelstest.PoolOf(store)
	_, err := pool.Exec(t.Context(), `INSERT INTO senders (name, phone, kind)
		VALUES ('Clinic', '+15550100200', 'business')`)
	if err != nil {
		t.Fatal(err)
	}
	s := messaging.New(store, slog.New(slog.DiscardHandler))
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	take := func(sid string) error { return s.Take(ctx, receipts.MessageReceipt, textMessage(sid)) }
	done := make(chan error, 1)
	go func() { done <- take("SM00000000000000000000000000000001") }()
	modelstest.Until(t, pool, "it waits for the table", `SELECT count(*) > 0 FROM pg_locks
		WHERE relation = 'messages'::regclass AND NOT granted`)
	hangUp()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it was answered with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it was not answered when the caller hung up")
	}
	if err := take("SM00000000000000000000000000000002"); err == nil {
		t.Error("one that came without a caller was stored")
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	modelstest.Until(t, pool, "the first is stored as a whole", `SELECT
		(SELECT count(*) FROM messages WHERE twilio_sid LIKE 'SM%1') = 1 AND
		(SELECT string_agg(verdict, ',') FROM webhook_receipts WHERE message_sid LIKE 'SM%1') = 'accepted'`)
	modelstest.Until(t, pool, "the second is only noted", `SELECT
		(SELECT count(*) FROM messages WHERE twilio_sid LIKE 'SM%2') = 0 AND
		(SELECT string_agg(verdict, ',') FROM webhook_receipts WHERE message_sid LIKE 'SM%2') = 'failed'`)
}
