package models_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/outbox"
	"parley/models/conversations/receipts"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// crowd fills a database with n contacts, conversations and six messages each.
func crowd(t testing.TB, store *models.Store, n int) {
	t.Helper()
	addPeople(t, store, n)
	fill(t, store, []string{
		"INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')",
		`INSERT INTO conversations (contact_id, sender_id, address_id, state, last_inbound_at, window_closes_at, waiting_since, last_message_at, failed_count)
			SELECT c.id, s.id, (SELECT id FROM contact_addresses a WHERE a.contact_id = c.id), CASE WHEN c.id % 5 = 0 THEN 'resolved' ELSE 'open' END, now() - c.id * interval '3 seconds', now() - c.id * interval '3 seconds' + interval '24 hours',
			CASE WHEN c.id % 4 = 0 THEN now() END, now() - c.id * interval '2 seconds', CASE WHEN c.id % 1000 = 0 THEN 1 ELSE 0 END FROM contacts c, senders s`,
		`INSERT INTO messages (conversation_id, sender_id, direction, body, status, twilio_sid, created_at)
			SELECT v.id, v.sender_id, 'inbound', 'message ' || i, 'received', 'SM' || md5(v.id || '-' || i), now() FROM conversations v, generate_series(1, 6) i`,
		`INSERT INTO messages (conversation_id, sender_id, address_id, direction, body, status, send_at, created_at)
			SELECT v.id, v.sender_id, v.address_id, 'outbound', 'reply', 'queued', now(), now() FROM conversations v WHERE v.id % 10 = 0`,
		// 6,000 templates are the most that a Twilio account holds; one in ten has a second version.
		`INSERT INTO templates (name, category, fixed_at) SELECT 'made_' || i, 'UTILITY', now() FROM generate_series(1, 6000) i`,
		`INSERT INTO template_versions (template_id, language, number, body, state, content_sid, updated_at)
			SELECT id, 'en', n, 'Hello {{Name}}, this is ' || name, 'approved', 'HX' || md5(name || n), now() - id * interval '1 minute' FROM templates, generate_series(1, 2) n WHERE NOT sandbox AND (n = 1 OR id % 10 = 0)`,
		`INSERT INTO messages (conversation_id, sender_id, direction, kind, version_id, body, status, send_at, created_at)
			SELECT v.id, v.sender_id, 'outbound', 'template', t.id, 'x', CASE WHEN v.id % 20 = 0 THEN 'failed' ELSE 'read' END, now(), now() - (v.id % 40) * interval '1 day'
			FROM conversations v JOIN LATERAL (SELECT id FROM template_versions WHERE id = 4 + v.id % 500) t ON true, generate_series(1, 3) i`,
		"INSERT INTO webhook_receipts (kind, verdict, message_sid) SELECT 'message', 'accepted', 'SM' || i FROM generate_series(1, 20000) i",
		"ANALYZE",
	})
}

// addPeople adds n contacts, a third of them opted in.
func addPeople(t testing.TB, store *models.Store, n int) {
	t.Helper()
	fill(t, store, []string{
		fmt.Sprintf(`INSERT INTO contacts (name, phone, consent, consent_at) SELECT 'Person ' || md5(i::text), '+4915' || (10000000 + i), CASE WHEN i %% 3 = 0 THEN 'opted_in' ELSE 'none' END,
			CASE WHEN i %% 3 = 0 THEN now() END FROM generate_series(1, %d) i`, n),
		"INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts",
		"ANALYZE",
	})
}

func fill(t testing.TB, store *models.Store, statements []string) {
	t.Helper()
	for _, q := range statements {
		if _, err := modelstest.PoolOf(store).Exec(context.Background(), q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
}

// Every list that users open, and the claim of the queue, uses an index on a large database: no plan scans a whole
// large table.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	crowd(t, store, 30_000)
	ctx := t.Context()
	var statements []string
	modelstest.CaptureSQL(store, func(_ context.Context, read func() (string, int64)) {
		sql, _ := read()
		if s := strings.TrimSpace(sql); strings.HasPrefix(s, "SELECT") || strings.HasPrefix(s, "WITH") {
			statements = append(statements, s)
		}
	})
	var conv inbox.InboxRow
	for _, v := range inbox.InboxViews() {
		rows, next, err := inbox.Read(store).Inbox(ctx, inbox.InboxFilter{View: v, UserID: 1, Limit: 40})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 {
			conv = rows[0]
		}
		if next != "" {
			if _, _, err := inbox.Read(store).Inbox(ctx, inbox.InboxFilter{View: v, UserID: 1, Limit: 40, After: next}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range []segments.ContactFilter{{Limit: 50}, {Limit: 50, After: 20_000}, {Limit: 50, Query: "c4ca4238"}, {Limit: 50, Query: "+4915 1002"}, {Limit: 50, Consent: whatsapp.OptedIn}} {
		if _, err := segments.Read(store).Contacts(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{"person", "c4ca4238", "+491510010200", "015110010200"} { // by a user with masked numbers
		if _, err := segments.Read(store).Contacts(ctx, segments.ContactFilter{Query: q, Whole: true, Limit: 50}); err != nil {
			t.Fatal(err)
		}
		f := inbox.InboxFilter{View: inbox.ViewAll, UserID: 1, Query: q, Whole: true, Limit: 40}
		if _, _, err := inbox.Read(store).Inbox(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []templates.TemplateFilter{{Limit: 50}, {Limit: 50, State: "approved"}, {Limit: 50, Query: "made_4711"}, {Limit: 50, Language: "en", Category: whatsapp.Utility}} {
		_, next, err := templates.Read(store).Templates(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		if f.After = next; next != "" {
			if _, _, err := templates.Read(store).Templates(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := templates.Read(store).Board(ctx, templates.TemplateFilter{}, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.Read(store).TemplateUse(ctx, 20); err != nil {
		t.Fatal(err)
	}
	if _, _, err := templates.Read(store).UsedIn(ctx, 20, 8); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.Read(store).Rejections(ctx, whatsapp.Utility, 4); err != nil {
		t.Fatal(err)
	}
	if _, err := senders.Read(store).PeopleReached(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := senders.Read(store).PeopleReachedBy(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.ClaimOutgoing(ctx, store, outbox.Claim{SenderID: 1, Owner: "explained", N: 50}); err != nil {
		t.Fatal(err)
	}
	if _, err := conversations.Read(store).Thread(ctx, conv.ID, 0, 60); err != nil {
		t.Fatal(err)
	}
	if _, err := receipts.Read(store).Receipts(ctx, receipts.ReceiptFilter{Limit: 100}); err != nil {
		t.Fatal(err)
	}
	if len(statements) < 15 {
		t.Fatalf("only %d statements were seen", len(statements))
	}
	for _, sql := range statements {
		var plan []byte
		if err := modelstest.PoolOf(store).QueryRow(ctx, "EXPLAIN (FORMAT JSON) "+sql).Scan(&plan); err != nil {
			t.Errorf("%v\n%s", err, sql)
			continue
		}
		var parsed []map[string]any
		if err := json.Unmarshal(plan, &parsed); err != nil {
			t.Fatal(err)
		}
		if table := walked(parsed[0]["Plan"].(map[string]any)); table != "" {
			t.Errorf("walks through all of %s:\n%s", table, sql)
		}
	}
}

// walked names a large table that a plan scans, "" if none.
func walked(plan map[string]any) string {
	if plan["Node Type"] == "Seq Scan" {
		switch name := plan["Relation Name"].(string); name {
		case "messages", "conversations", "contacts", "contact_addresses", "webhook_receipts":
			return name
		}
	}
	children, _ := plan["Plans"].([]any)
	for _, c := range children {
		if t := walked(c.(map[string]any)); t != "" {
			return t
		}
	}
	return ""
}

// The queue of a busy installation: claims of 50 out of 3,000 due messages among 200,000.
func BenchmarkClaimOutgoing(b *testing.B) {
	store, _ := modelstest.New(b)
	crowd(b, store, 30_000)
	for b.Loop() {
		got, err := outbox.ClaimOutgoing(context.Background(), store, outbox.Claim{SenderID: 1, Owner: "bench", N: 50})
		if err != nil {
			b.Fatal(err)
		}
		if len(got) == 0 {
			b.StopTimer()
			if _, err := modelstest.PoolOf(store).Exec(context.Background(), "UPDATE messages SET status = 'queued' WHERE status IN ('sending', 'refused')"); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}

// The list and the board of 6,000 templates, with the outcomes of 90,000 messages.
func BenchmarkTemplates(b *testing.B) {
	store, _ := modelstest.New(b)
	crowd(b, store, 30_000)
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := templates.Read(store).Templates(context.Background(), templates.TemplateFilter{Limit: 50}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("board", func(b *testing.B) {
		for b.Loop() {
			if _, err := templates.Read(store).Board(context.Background(), templates.TemplateFilter{}, 20); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := templates.Read(store).Templates(context.Background(), templates.TemplateFilter{Query: "made_47", Limit: 50}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A search for a part of a number among 30,000 contacts uses an index.
func BenchmarkContactSearch(b *testing.B) {
	store, _ := modelstest.New(b)
	crowd(b, store, 30_000)
	for b.Loop() {
		if _, err := segments.Read(store).Contacts(context.Background(), segments.ContactFilter{Query: "51002345", Limit: 50}); err != nil {
			b.Fatal(err)
		}
	}
}
