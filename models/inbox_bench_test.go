package models_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
)

// messages fills a database with n messages in n/10 conversations, a tenth of them open, a third of those waiting. A
// message has frequent words, less frequent words, and a rare one.
func messages(t testing.TB, store *models.Store, n int) {
	t.Helper()
	ctx := context.Background()
	conn, err := modelstest.PoolOf(store).Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	persons := n / 10
	for _, q := range []string{
		"SET session_replication_role = replica", // don't check foreign keys and don't count rows while filling
		"SET maintenance_work_mem = '512MB'",
		"DROP INDEX messages_words",
		"INSERT INTO users (email, name, role, password_hash) SELECT 'agent' || i || '@example.com', 'Agent ' || i, 'agent', 'x' FROM generate_series(1, 20) i",
		"INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')",
		fmt.Sprintf(`INSERT INTO contacts (public_id, name, phone, consent) SELECT 'p' || lpad(i::text, 15, '0'), 'Person ' || substr(md5(i::text), 1, 8), '+4915' || lpad(i::text, 9, '0'), 'none' FROM generate_series(1, %d) i`, persons),
		"INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts ORDER BY id",
		`INSERT INTO conversations (public_id, contact_id, sender_id, address_id, state, assignee_id, last_inbound_at, window_closes_at, waiting_since, last_message_at, last_line, opened_at, unread_count)
			SELECT 'v' || lpad(c.id::text, 15, '0'), c.id, s.id, c.id, CASE WHEN c.id % 10 = 0 THEN 'open' ELSE 'resolved' END, CASE WHEN c.id % 3 > 0 THEN 1 + c.id % 20 END,
				at, at + interval '24 hours', CASE WHEN c.id % 30 = 0 THEN at END, at, 'the last line of ' || c.id, at, CASE WHEN c.id % 30 = 0 THEN 1 ELSE 0 END
			FROM contacts c, senders s, LATERAL (SELECT now() - (c.id % 172800) * interval '1 second' AS at) x`,
		fmt.Sprintf(`INSERT INTO messages (public_id, conversation_id, sender_id, direction, body, status, twilio_sid, created_at)
			SELECT 'm' || lpad(i::text, 15, '0'), 1 + (i::bigint * 7919) %% %d, 1, 'inbound',
				(ARRAY['hello','thanks','please','appointment','tomorrow','order','invoice','delivery'])[1 + i %% 8] || ' ' || (ARRAY['can','you','when','where','is','my','the','to'])[1 + (i / 8) %% 8]
				|| ' some' || (i::bigint * 31) %% 2000 || ' few' || (i::bigint * 17) %% 50000 || ' rare' || i / 5,
				'received', 'SM' || lpad(to_hex(i), 32, '0'), now() - (%d - i) * interval '1 second' FROM generate_series(1, %d) i`, persons, n, n),
		"CREATE INDEX messages_words ON messages USING gin (stretch_words(id, body)) WITH (gin_pending_list_limit = 512) WHERE body <> ''",
		"DELETE FROM inbox_steps",
		"INSERT INTO inbox_steps SELECT l, v.assignee_id, count(*) FROM conversations v, inbox_lists(v) l GROUP BY 1, 2",
		"SET session_replication_role = DEFAULT",
		"VACUUM ANALYZE",
	} {
		began := time.Now()
		if _, err := conn.Exec(ctx, q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Logf("%s: %.60s", took.Round(time.Second), q)
		}
	}
}

// The common requests of the inbox, with ten thousand messages and with ten million (PARLEY_BENCH_MESSAGES sets another
// number). The numbers are the store's own time: 50th and 99th percentile in ms.
func BenchmarkInbox(b *testing.B) {
	large, err := strconv.Atoi(os.Getenv("PARLEY_BENCH_MESSAGES"))
	if err != nil {
		large = 10_000_000
	}
	for _, n := range []int{10_000, large} {
		store, _ := modelstest.New(b)
		messages(b, store, n)
		for _, ask := range inboxAsks(store, n) {
			b.Run(fmt.Sprintf("%s/%d", ask.name, n), func(b *testing.B) {
				var took []time.Duration
				for i := 0; i < b.N; i++ {
					began := time.Now()
					if err := ask.do(i); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}

type inboxAsk struct {
	name string
	do   func(i int) error
}

func inboxAsks(store *models.Store, n int) []inboxAsk {
	ctx := context.Background()
	persons := n / 10
	conv := func(i int) string { return fmt.Sprintf("v%015d", 30*(1+(i*7919)%(persons/30))) }
	id := func(i int) int64 { return int64(30 * (1 + (i*7919)%(persons/30))) }
	list := func(f inbox.InboxFilter) func(int) error {
		return func(i int) error {
			f.Limit, f.UserID = 40, int64(1+i%20)
			_, _, err := inbox.Read(store).Inbox(ctx, f)
			return err
		}
	}
	search := func(text func(i int) string) func(int) error {
		return func(i int) error {
			_, _, err := inbox.Read(store).SearchMessages(ctx, inbox.MessageQuery{Text: text(i), Limit: 30})
			return err
		}
	}
	_, deep, _ := inbox.Read(store).Inbox(ctx, inbox.InboxFilter{View: inbox.ViewAll, Limit: max(40, persons/100)})
	return []inboxAsk{
		{"list: all", list(inbox.InboxFilter{View: inbox.ViewAll})},
		{"list: mine", list(inbox.InboxFilter{View: inbox.ViewMine})},
		{"list: far down", list(inbox.InboxFilter{View: inbox.ViewAll, After: deep})},
		{"counters", func(i int) error { _, err := inbox.Read(store).Count(ctx, int64(1+i%20)); return err }},
		{"thread", func(i int) error { _, err := conversations.Read(store).Thread(ctx, id(i), 0, 61); return err }},
		{"older page", func(i int) error { _, err := conversations.Read(store).Thread(ctx, id(i), int64(n/2), 61); return err }},
		{"search: a frequent word", search(func(i int) string { return []string{"hello", "thanks", "invoice", "deliv"}[i%4] })},
		{"search: two words", search(func(i int) string { return fmt.Sprintf("order some%d", (i*8+3)%2000) })},
		{"search: two words that never meet", search(func(i int) string { return fmt.Sprintf("order some%d", (i*8+4)%2000) })},
		{"search: a rarer word", search(func(i int) string { return fmt.Sprintf("few%d", (i*13)%50000) })},
		{"search: a rare word", search(func(i int) string { return fmt.Sprintf("rare%d", (i*7919)%(n/5)) })},
		{"reply", func(i int) error {
			return store.InTx(ctx, func(tx *models.Tx) error {
				c, err := conversations.ConversationForUpdate(tx, conv(i))
				if err != nil {
					return err
				}
				author := int64(1 + i%20)
				_, err = conversations.QueueMessage(tx, c, &conversations.Message{Body: "A reply", AuthorID: &author, Priority: conversations.PriorityReply})
				return err
			})
		}},
		{"mark read", func(i int) error {
			return conversations.ReadConversation(ctx, store, &conversations.Conversation{ID: id(i), PublicID: conv(i)}, 1)
		}},
	}
}
