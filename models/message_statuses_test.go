package models_test

import (
	"fmt"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/modelstest"
)

// Callbacks that are processed together have the same effect as one by one, in any order and with repetitions.
func TestStatusesTogetherAsAlone(t *testing.T) {
	store, _ := modelstest.New(t)
	for _, q := range []string{
		"INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')",
		"INSERT INTO contacts (name, phone, country) VALUES ('Noor', '+4915123456789', 'DE')",
		"INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM contacts c, senders s WHERE s.phone = '+15550100200' AND c.phone = '+4915123456789'",
	} {
		if _, err := modelstest.PoolOf(store).Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	orders := [][]string{
		{"sent", "delivered", "read"},
		{"read", "delivered", "sent"},
		{"delivered", "delivered", "sent"},
		{"queued", "sent", "sent"},
		{"read"},
		{"delivered", "sent", "read", "read"},
		{"sent", "queued"},
	}
	sid := func(kind string, i int) string { return fmt.Sprintf("SM%s%030d", kind, i) }
	var together []conversations.StatusEvent
	alone := map[string]conversations.StatusEffect{}
	for i, order := range orders {
		for _, kind := range []string{"aa", "bb"} {
			_, err := modelstest.PoolOf(store).
				Exec(t.Context(), `INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, send_at, sending_at, created_at)
				SELECT id, sender_id, 'outbound', 'text', 'Hello', 'accepted', $1, now(), now(), now() FROM conversations`, sid(kind, i))
			if err != nil {
				t.Fatal(err)
			}
		}
		for n, status := range order {
			err := store.InTx(t.Context(), func(tx *models.Tx) error {
				effect, err := conversations.TakeStatus(
					tx,
					conversations.StatusEvent{MessageSid: sid("aa", i), Status: status, ReceivedAt: tx.Now()},
					"",
				)
				alone[fmt.Sprint(i, n)] = effect
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			together = append(together, conversations.StatusEvent{MessageSid: sid("bb", i), Status: status})
		}
	}
	left := []conversations.StatusEvent{
		{MessageSid: sid("cc", 1), Status: "sent"},
		{MessageSid: sid("bb", 4), Status: "failed", ErrorCode: 63016},
		{MessageSid: sid("bb", 4), Status: "never heard of"},
	}
	err := store.InTx(t.Context(), func(tx *models.Tx) error {
		for i := range together {
			together[i].ReceivedAt = tx.Now()
		}
		effects, err := conversations.TakeStatuses(tx, append(together, left...))
		if err != nil {
			return err
		}
		at := 0
		for i, order := range orders {
			for n, status := range order {
				if want := alone[fmt.Sprint(i, n)]; effects[at] != want {
					t.Errorf("%v: %s has effect %d, alone %d", order, status, effects[at], want)
				}
				at++
			}
		}
		for ; at < len(effects); at++ {
			if effects[at] != conversations.StatusLeft {
				t.Errorf("%d of those that are to be left has effect %d", at-len(together), effects[at])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, order := range orders {
		state := func(kind string) (s string) {
			err := modelstest.PoolOf(store).
				QueryRow(t.Context(), `SELECT concat_ws(' ', status, sent_at IS NULL, delivered_at IS NULL, read_at IS NULL, (SELECT count(*) FROM status_events e WHERE e.message_id = m.id)) FROM messages m WHERE twilio_sid = $1`, sid(kind, i)).
				Scan(&s)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if a, b := state("aa"), state("bb"); a != b {
			t.Errorf("%v: alone it ends as %q, together as %q", order, a, b)
		}
	}
}
