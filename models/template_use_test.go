package models_test

import (
	"testing"

	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/templates"
)

// The outcomes of a template's messages: messages that failed after Twilio accepted them no longer count as sent, and
// messages that Parley refused don't count as failures of the template.
func TestTemplateUse(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	for _, q := range []string{
		"INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')",
		"INSERT INTO contacts (name, phone) VALUES ('Noor', '+4915123456789')",
		"INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM contacts c, senders s",
		"INSERT INTO templates (id, name, category) OVERRIDING SYSTEM VALUE VALUES (900, 'visit', 'UTILITY')",
		"INSERT INTO template_versions (id, template_id, language, number, body, state, content_sid) OVERRIDING SYSTEM VALUE VALUES (901, 900, 'en', 1, 'Hello', 'approved', 'HX' || md5('1')), (902, 900, 'de', 1, 'Hallo', 'approved', 'HX' || md5('2'))",
		`INSERT INTO messages (conversation_id, sender_id, direction, kind, version_id, body, label, status, send_at, created_at) SELECT v.id, v.sender_id, 'outbound', 'template', 901, 'Hello', n, 'queued', now(), now()
			FROM conversations v, unnest(ARRAY['sent', 'delivered', 'read', 'failed', 'failed before', 'sent before', 'refused', 'long ago', 'queued']) n`,
		"UPDATE messages SET status = 'sending', sending_at = now() - CASE WHEN label LIKE '% before' THEN interval '10 days' WHEN label = 'long ago' THEN interval '40 days' ELSE '0' END WHERE label <> 'queued'",
		"UPDATE messages SET status = 'refused' WHERE label = 'refused'",
		"UPDATE messages SET status = 'accepted', twilio_sid = 'SM' || md5(id::text) WHERE status = 'sending'",
		"UPDATE messages SET status = 'delivered', delivered_at = now() WHERE label IN ('delivered', 'read', 'long ago')",
		"UPDATE messages SET status = 'read', read_at = now() WHERE label = 'read'",
		"UPDATE messages SET status = 'undelivered', error_code = 63024, failed_at = now() WHERE label LIKE 'failed%'",
		"UPDATE messages SET body = '', erased_at = now()", // retention does not change the counts
	} {
		if _, err := modelstest.PoolOf(store).Exec(t.Context(), q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	want := templates.Use{Sent: 4, Delivered: 2, Read: 1, Failed: 2, SentBefore: 1, FailedBefore: 1}
	check := func(when string) {
		t.Helper()
		use, err := templates.Read(store).TemplateUse(t.Context(), 900)
		if err != nil || use[901] != want || use[902] != (templates.Use{}) {
			t.Errorf("%s: %+v, want %+v (%v)", when, use, want, err)
		}
		rows, _, err := templates.Read(store).Templates(t.Context(), templates.TemplateFilter{Query: "visit", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.ID == 901 && r.Use != want || r.ID == 902 && r.Use != (templates.Use{}) {
				t.Errorf("%s: the list says %+v of version %d", when, r.Use, r.ID)
			}
		}
		if len(rows) != 2 {
			t.Errorf("%s: %d rows", when, len(rows))
		}
	}
	check("counted")
	if err := notifications.SumReports(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	check("summed up")
	if _, chats, err := templates.Read(store).UsedIn(t.Context(), 900, 8); err != nil || chats != 6 {
		t.Errorf("sent %d times by hand, want 6 (%v)", chats, err)
	}
}
