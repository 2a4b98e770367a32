// Package servicetest gives the test of a service's rule a database of its own, an account at the simulated Twilio that
// lives by the same clock, and rows to begin with. Tests only.
package servicetest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/twilio"
	"parley/simulator"
)

const (
	accountSID = "AC0123456789abcdef0123456789abcdef"
	authToken  = "token0for0tests0"
)

// World is what a service works with: its store, and Twilio. It begins with three users, Ada the admin, Otto the
// operator and Ana the agent, and one sender, Clinic, with the simulator's BusinessPhone.
type World struct {
	Store  *models.Store
	Pool   *pgxpool.Pool
	Sim    *simulator.Simulator
	Twilio *twilio.Client
	Log    *slog.Logger

	t       testing.TB
	failure *modelstest.Failure
}

// New makes a world. Nothing runs in its background, and nobody receives the simulator's webhooks.
func New(t testing.TB) *World {
	t.Helper()
	e := echo.New()
	e.POST("/webhooks/*", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	srv := httptest.NewServer(e)
	w := &World{Log: slog.New(slog.DiscardHandler), t: t}
	w.Pool, w.failure = modelstest.FailingPool(t, modelstest.URL(t))
	var err error
	w.Sim, err = simulator.New(simulator.Options{
		AccountSID:  accountSID,
		AuthToken:   authToken,
		WebhookBase: srv.URL,
		Log:         w.Log,
		ReviewDelay: 10 * time.Millisecond,
		StepDelay:   time.Millisecond,
	})
	w.check(err)
	w.Sim.Register(e)
	t.Cleanup(func() { w.Sim.Close(); srv.Close() })
	w.Twilio, err = twilio.New(
		twilio.Credentials{AccountSID: accountSID, Username: accountSID, Password: authToken},
		twilio.Options{BaseURL: w.Sim.BaseURL(srv.URL), Timeout: 3 * time.Second},
	)
	w.check(err)
	w.Store, err = models.Open(w.Pool, w.Sim.Now)
	w.check(err)
	w.Exec(`INSERT INTO users (email, name, role, password_hash) VALUES
		('ada@example.com', 'Ada', 'admin', 'x'), ('otto@example.com', 'Otto', 'operator', 'x'),
		('ana@example.com', 'Ana', 'agent', 'x')`)
	w.Exec("INSERT INTO senders (name, phone, kind, messages_per_second) VALUES ('Clinic', $1, 'business', 500)",
		simulator.BusinessPhone)
	return w
}

func (w *World) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Actor is one of the users, by name.
func (w *World) Actor(name string) models.Actor {
	w.t.Helper()
	id := w.Number("SELECT id FROM users WHERE name = $1", name)
	return models.Actor{ID: &id, Name: name}
}

// Contact adds somebody who opted in to everything, is known by a phone number and has a chat with Clinic whose
// session is open for another hour. It returns the conversation's public id.
func (w *World) Contact(name, phone string) string {
	w.t.Helper()
	w.Sim.AddCustomer(phone, name)
	w.Exec(`WITH c AS (
			INSERT INTO contacts (name, phone, country, consent, consent_at) VALUES ($1, $2, 'DE', 'opted_in', $3) RETURNING id
		), a AS (
			INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', $2, $2 FROM c RETURNING id
		)
		INSERT INTO conversations (contact_id, sender_id, state, address_id, last_inbound_at, window_closes_at)
		SELECT c.id, s.id, 'open', a.id,
			CAST($3 AS timestamptz) - interval '23 hours', CAST($3 AS timestamptz) + interval '1 hour'
		FROM c, a, senders s WHERE s.name = 'Clinic'`, name, phone, w.Store.Now())
	return w.Text(`SELECT v.public_id FROM conversations v JOIN contacts c ON c.id = v.contact_id
		WHERE c.phone = $1`, phone)
}

// Template adds an approved one that greets by name, and returns its version's public id. The simulator doesn't know
// it.
func (w *World) Template(name string) string {
	w.t.Helper()
	return w.Text(`WITH t AS (INSERT INTO templates (name, category) VALUES ($1, 'UTILITY') RETURNING id)
		INSERT INTO template_versions
			(template_id, language, number, body, placeholders, state, content_sid, content_type, category)
		SELECT id, 'en', 1, 'Hello {{Name}}, your visit is near.', '[{"name": "Name"}]', 'approved',
			'HX' || lpad(CAST(id AS text), 32, '0'), 'twilio/text', 'UTILITY'
		FROM t RETURNING public_id`, name)
}

// Exec runs a statement that only this test makes.
func (w *World) Exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.failure.Pool.Exec(w.t.Context(), sql, args...)
	w.check(err)
}

// Number is what a query returns, as a whole number.
func (w *World) Number(sql string, args ...any) int64 { w.t.Helper(); return one[int64](w, sql, args) }

// Text is what a query returns, as text.
func (w *World) Text(sql string, args ...any) string { w.t.Helper(); return one[string](w, sql, args) }

// Until waits until a query says true.
func (w *World) Until(what, sql string, args ...any) {
	w.t.Helper()
	modelstest.Until(w.t, w.failure.Pool, what, sql, args...)
}

func one[T any](w *World, sql string, args []any) (value T) {
	w.t.Helper()
	w.check(w.failure.Pool.QueryRow(w.t.Context(), sql, args...).Scan(&value))
	return value
}
