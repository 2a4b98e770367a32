package privacy_test

import (
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/privacy"
)

// Rows that nobody needs any more go after their time, and none before it.
func TestPrune(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	pool := modelstest.PoolOf(s)
	exec := func(sql string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO settings (key, value) VALUES ('receipt_days', '30')`)
	exec(
		`INSERT INTO users (id, email, name, role, password_hash) OVERRIDING SYSTEM VALUE
			VALUES (1, 'ana@example.com', 'Ana', 'agent', 'x')`,
	)
	exec(`INSERT INTO sessions (token_hash, user_id, data, ip, user_agent, created_at, last_seen_at, expires_at) VALUES
		('stays', 1, '', '', '', now(), now(), now() + interval '1 minute'),
		('goes', 1, '', '', '', now(), now(), now() - interval '1 minute')`)
	exec(`INSERT INTO signin_failures (email, ip, created_at) VALUES
		('stays', '', now() - interval '23 hours'), ('goes', '', now() - interval '25 hours')`)
	exec(`INSERT INTO webhook_receipts (kind, verdict, effect, received_at) VALUES
		('message', 'accepted', 'stays', now() - interval '29 days'),
		('message', 'accepted', 'goes', now() - interval '31 days'),
		('message', 'bad_signature', 'stays', now() - interval '6 days'),
		('message', 'bad_signature', 'goes', now() - interval '8 days')`)
	exec(`INSERT INTO alerts (user_id, tone, title, body, href, created_at) VALUES
		(1, 'good', 'stays', '', '/', now() - interval '179 days'),
		(1, 'good', 'goes', '', '/', now() - interval '181 days')`)
	if err := privacy.Prune(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for what, query := range map[string]string{
		"sessions":   "SELECT string_agg(convert_from(token_hash, 'UTF8'), ' ') FROM sessions",
		"failures":   "SELECT string_agg(email, ' ') FROM signin_failures",
		"deliveries": "SELECT string_agg(DISTINCT effect, ' ') FROM webhook_receipts HAVING count(*) = 2",
		"alerts":     "SELECT string_agg(title, ' ') FROM alerts",
	} {
		var left string
		if err := pool.QueryRow(t.Context(), query).Scan(&left); err != nil || left != "stays" {
			t.Errorf("%s: %q is left, %v", what, left, err)
		}
	}
}

// Messages and deliveries are emptied in parts, by their age, and once.
func TestRetainByAge(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	pool := modelstest.PoolOf(s)
	if _, err := pool.Exec(t.Context(), `WITH c AS (INSERT INTO contacts (name) VALUES ('Noor') RETURNING id), s AS (
			INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business') RETURNING id), v AS (
			INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM c, s RETURNING id, sender_id)
		INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, created_at)
		SELECT v.id, v.sender_id, 'inbound', 'text', x.body, 'received', 'SM' || x.body, x.at
		FROM v, (VALUES ('old', now() - interval '3 months' - interval '1 day'),
			('young', now() - interval '3 months' + interval '2 days')) AS x (body, at)`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO webhook_receipts (kind, verdict, form, message_sid) VALUES
		('message', 'accepted', 'old', 'SMold'), ('message', 'accepted', 'young', 'SMyoung')`); err != nil {
		t.Fatal(err)
	}
	three := models.Privacy{MessageMonths: 3}
	preview, err := privacy.Read(s).RetentionPreview(t.Context(), three)
	if err != nil || preview.Messages != 1 {
		t.Errorf("the preview says %+v, %v", preview, err)
	}
	if last, err := privacy.RetainMessages(t.Context(), s, models.Privacy{}, 0); last != 0 || err != nil {
		t.Errorf("without a period: %d, %v", last, err)
	}
	last, err := privacy.RetainMessages(t.Context(), s, three, 0)
	if last == 0 || err != nil {
		t.Errorf("the old one is not handled: %v", err)
	}
	if again, err := privacy.RetainMessages(t.Context(), s, three, 0); again != 0 || err != nil {
		t.Errorf("it is handled twice: %d, %v", again, err)
	}
	var left string
	err = pool.QueryRow(t.Context(), `SELECT (SELECT string_agg(body, '') FROM messages) || ' ' ||
		(SELECT string_agg(form, '') FROM webhook_receipts)`).Scan(&left)
	if err != nil || left != "young young" {
		t.Errorf("%q is left, %v", left, err)
	}
}
