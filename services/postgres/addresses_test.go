package postgres_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/migrations"
	"parley/models/modelstest"
)

// The migration of data from before conversations had an address: the address is read from the stored forms, and if
// that is impossible, the session counts as closed.
func TestAddressesOfWhatIsThere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := modelstest.Pool(t, modelstest.URL(t))
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close() //nolint:errcheck // closes the wrapper only
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(ctx, 13); err != nil {
		t.Fatal(err)
	}
	old := &oldRows{t: t, pool: pool, at: time.Now().UTC().Truncate(time.Second)}
	old.exec("INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business')")
	const a, b, id, mexican = "+4915111111111", "+4915122222222", "BR.15025763946ab5843", "+525512345678"
	want := map[string]string{}
	from := func(address, userID string) string {
		f := url.Values{"From": {"whatsapp:" + address}, "Body": {"&From=whatsapp:+4915199999999"}, "ExternalUserId": {userID}}
		return f.Encode()
	}
	for _, c := range []struct {
		name, phone string
		addresses   []string
		form        string // of the latest message: empty if it was pruned, "-" if nobody wrote
		answers     string // the address that replies go to now
	}{
		{"one number", a + "0", []string{a + "0"}, "", a + "0"},
		{"one id", "", []string{id + "0"}, "", id + "0"},
		{"nobody wrote", a + "1", []string{a + "1"}, "-", ""},
		{"two, the first wrote", a + "2", []string{a + "2", b + "2"}, from(a+"2", ""), a + "2"},
		{"two, the second wrote", a + "3", []string{a + "3", b + "3"}, from(b+"3", ""), b + "3"},
		{"two, and the form is gone", a + "4", []string{a + "4", b + "4"}, "", ""},
		{"a number and an id together", a + "5", []string{a + "5", id + "5"}, from(a+"5", id+"5"), a + "5"},
		{"the id alone", a + "6", []string{a + "6", id + "6"}, from(id+"6", ""), id + "6"},
		{"another way to write it", mexican, []string{mexican, b + "7"}, from("+5215512345678", ""), mexican},
		{"a number that is no more", a + "8", []string{a + "8", b + "8"}, from("+4915133333333", ""), ""},
	} {
		old.contact(c.name, c.phone, c.addresses, c.form)
		switch {
		case c.form == "-":
			want[c.name] = " never"
		case c.answers == "":
			want[c.name] = " closed"
		default:
			want[c.name] = c.answers + " open"
		}
	}
	for _, m := range []waiting{
		{"two, the first wrote", "reply", "text", "queued", ""},
		{"two, the second wrote", "template", "template", "queued", ""},
		{"two, the second wrote", "api", "template", "queued", "api"},
		{"two, and the form is gone", "reply to nobody", "text", "queued", ""},
		{"two, and the form is gone", "template to the chosen", "template", "queued", ""},
		{"two, the first wrote", "in doubt", "text", "in_doubt", ""},
		{"two, the first wrote", "long ago", "text", "delivered", ""},
	} {
		old.message(m)
	}
	if _, err := provider.UpTo(ctx, 14); err != nil {
		t.Fatal(err)
	}

	old.same("the conversations", want, `SELECT c.name, coalesce(a.address, '') || CASE
			WHEN v.window_closes_at IS NULL THEN ' never' WHEN v.window_closes_at > now() THEN ' open' ELSE ' closed' END
		FROM conversations v JOIN contacts c ON c.id = v.contact_id LEFT JOIN contact_addresses a ON a.id = v.address_id`)
	old.same("the contacts", map[string]string{"two, and the form is gone": "", "a number that is no more": ""},
		"SELECT name, '' FROM contacts WHERE window_closes_at IS NULL AND last_seen_at IS NOT NULL")
	old.same("the messages", map[string]string{
		"reply":                  a + "2",
		"template":               b + "3",
		"api":                    a + "3",
		"reply to nobody":        "",
		"template to the chosen": a + "4",
		"in doubt":               b + "2",
		"long ago":               "",
	}, `SELECT body, coalesce(a.address, '') FROM messages m LEFT JOIN contact_addresses a ON a.id = m.address_id
		WHERE direction = 'outbound'`)
	old.same("what came in one webhook", map[string]string{id + "5": a + "5"},
		"SELECT u.address, n.address FROM contact_addresses u JOIN contact_addresses n ON n.id = u.number_id")
}

// oldRows writes rows as the previous version did.
type oldRows struct {
	t    *testing.T
	pool *pgxpool.Pool
	at   time.Time
}

func (o *oldRows) exec(sql string, args ...any) {
	o.t.Helper()
	if _, err := o.pool.Exec(context.Background(), sql, args...); err != nil {
		o.t.Fatalf("%v\n%s", err, sql)
	}
}

func (o *oldRows) contact(name, phone string, addresses []string, form string) {
	o.t.Helper()
	var seen *time.Time
	if form != "-" {
		seen = &o.at
	}
	o.exec(`INSERT INTO contacts (name, phone, last_seen_at, window_closes_at)
		VALUES ($1, nullif($2, ''), $3::timestamptz, $3::timestamptz + interval '24 hours')`, name, phone, seen)
	for _, a := range addresses {
		o.exec(`INSERT INTO contact_addresses (contact_id, kind, address, match)
			SELECT id, CASE WHEN $2::text LIKE '+%' THEN 'phone' ELSE 'whatsapp_id' END, $2::text, $2::text
			FROM contacts WHERE name = $1`, name, a)
	}
	o.exec(`INSERT INTO conversations (contact_id, sender_id, last_inbound_at, window_closes_at)
		SELECT c.id, s.id, $2::timestamptz, $2::timestamptz + interval '24 hours'
		FROM contacts c, senders s WHERE c.name = $1`, name, seen)
	if form == "-" {
		return
	}
	first := url.Values{"From": {"whatsapp:" + addresses[0]}}.Encode()
	for _, m := range []struct{ sid, form string }{{"SMfirst " + name, first}, {"SMlatest " + name, form}} {
		o.exec(`INSERT INTO messages (conversation_id, sender_id, direction, body, status, twilio_sid, created_at)
			SELECT v.id, v.sender_id, 'inbound', 'hello', 'received', $2, now()
			FROM conversations v JOIN contacts c ON c.id = v.contact_id WHERE c.name = $1`, name, m.sid)
		if m.form == "" {
			continue
		}
		o.exec(`INSERT INTO webhook_receipts (kind, verdict, message_sid, form)
			VALUES ('message', 'accepted', $1, $2)`, m.sid, m.form)
	}
}

// waiting is an outbound message.
type waiting struct{ contact, body, kind, status, rule string }

func (o *oldRows) message(m waiting) {
	o.t.Helper()
	o.exec(`INSERT INTO messages (conversation_id, sender_id, direction, kind, version_id, body, status, rule, send_at,
			created_at)
		SELECT v.id, v.sender_id, 'outbound', $3::text,
			CASE WHEN $3::text = 'template' THEN (SELECT min(id) FROM template_versions) END, $2, $4, $5, now(), now()
		FROM conversations v JOIN contacts c ON c.id = v.contact_id WHERE c.name = $1`,
		m.contact, m.body, m.kind, m.status, m.rule)
}

// same compares a query's two columns with want.
func (o *oldRows) same(what string, want map[string]string, sql string) {
	o.t.Helper()
	rows, err := o.pool.Query(context.Background(), sql)
	if err != nil {
		o.t.Fatal(err)
	}
	type pair struct{ Key, Value string }
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pair])
	if err != nil {
		o.t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range list {
		got[p.Key] = p.Value
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			o.t.Errorf("%s: %s is %q, want %q", what, k, g, v)
		}
	}
	if len(got) != len(want) {
		o.t.Errorf("%s: %d of them, want %d: %v", what, len(got), len(want), got)
	}
}
