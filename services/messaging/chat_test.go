package messaging

import (
	"log/slog"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
)

// chat is an open conversation with one contact, assigned to Ana.
type chat struct {
	*Service
	t       *testing.T
	id      string
	version string // an approved template's public id
	ana     models.Actor
	clock   *modelstest.Clock // stands still, at a whole second
	calls   *twilioCalls      // see dispatcher
}

func newChat(t *testing.T) *chat {
	t.Helper()
	store, clock := modelstest.New(t)
	clock.Move(clock.Now().Truncate(time.Second).Sub(clock.Now())) // the database keeps microseconds
	c := &chat{Service: New(store, slog.New(slog.DiscardHandler)), t: t, clock: clock}
	c.exec(`INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business');
		INSERT INTO users (email, name, role, password_hash)
			VALUES ('ana@example.com', 'Ana', 'agent', 'x'), ('ben@example.com', 'Ben', 'agent', 'x');
		INSERT INTO contacts (name, phone, country, consent, consent_at)
			VALUES ('Noor', '+4915112350109', 'DE', 'opted_in', now());
		INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts;
		INSERT INTO conversations (contact_id, sender_id, state, address_id, last_inbound_at, window_closes_at)
			SELECT c.id, s.id, 'open', a.id, now() - interval '23 hours', now() + interval '1 hour'
			FROM contacts c, senders s, contact_addresses a
			WHERE s.phone = '+15550100200';
		INSERT INTO templates (name, category) VALUES ('visit_near', 'UTILITY');
		INSERT INTO template_versions
			(template_id, language, number, body, placeholders, state, content_sid, content_type, category)
			SELECT id, 'en', 1, 'Hello {{Name}}, call {{Number}} soon.', '[{"name": "Name"}, {"name": "Number"}]', 'approved',
				'HX00000000000000000000000000000001', 'twilio/text', 'UTILITY' FROM templates WHERE name = 'visit_near'`)
	var ana int64
	err := modelstest.PoolOf(store).QueryRow(t.Context(), `SELECT c.public_id, v.public_id, u.id
		FROM conversations c, template_versions v, users u
		WHERE v.content_sid = 'HX00000000000000000000000000000001' AND u.name = 'Ana'`).Scan(&c.id, &c.version, &ana)
	if err != nil {
		t.Fatal(err)
	}
	c.ana = models.Actor{ID: &ana, Name: "Ana"}
	c.exec("UPDATE conversations SET last_inbound_at = $1, window_closes_at = $2", c.in(-23*time.Hour), c.in(time.Hour))
	return c
}

// in is a moment, by the clock.
func (c *chat) in(d time.Duration) time.Time { return c.clock.Now().Add(d) }

func (c *chat) exec(query string, args ...any) {
	c.t.Helper()
	if _, err := modelstest.PoolOf(c.store).Exec(c.t.Context(), query, args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chat) count(query string, args ...any) int {
	c.t.Helper()
	return int(read[int64](c, query, args...))
}

func (c *chat) text(query string, args ...any) string {
	c.t.Helper()
	return read[string](c, query, args...)
}

// read is the one value that a query returns.
func read[T any](c *chat, query string, args ...any) (value T) {
	c.t.Helper()
	if err := modelstest.PoolOf(c.store).QueryRow(c.t.Context(), query, args...).Scan(&value); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return value
}
