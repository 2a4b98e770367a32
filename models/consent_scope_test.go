package models_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/migrations"
	"parley/models"
	"parley/models/conversations/arrivals"
	"parley/models/internal/base"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/whatsapp"
)

// beforeScopes is a database from before consent events had a scope, with one contact for each way of being opted in.
const beforeScopes = `
INSERT INTO senders (name, phone, kind) VALUES ('Sandbox', '+14155238886', 'sandbox'), ('Clinic', '+4930901820', 'business');
INSERT INTO contacts (name, consent, consent_at, gone) SELECT n, c, CASE WHEN c <> 'none' THEN timestamptz '2026-05-04' END, '' FROM (VALUES
	('joined', 'opted_in'), ('joined twice', 'opted_in'), ('paper', 'opted_in'), ('paper, then joined', 'opted_in'), ('joined, then paper', 'opted_in'),
	('out, then joined', 'opted_in'), ('out', 'opted_out'), ('start in the sandbox', 'opted_in'), ('start at the clinic', 'opted_in'),
	('merged from joined', 'opted_in'), ('dropped joined', 'opted_in'), ('joined, merged with paper', 'opted_in'), ('dropped paper', 'opted_in'), ('nobody', 'none'),
	('out, then start in the sandbox', 'opted_in')) x (n, c);
UPDATE contacts SET gone = 'merged', merged_into = (SELECT id FROM contacts WHERE name = 'merged from joined') WHERE name = 'dropped joined';
UPDATE contacts SET gone = 'merged', merged_into = (SELECT id FROM contacts WHERE name = 'joined, merged with paper') WHERE name = 'dropped paper';
INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM contacts c, senders s WHERE c.name LIKE '%start %' AND s.kind = CASE WHEN c.name LIKE '%clinic' THEN 'business' ELSE 'sandbox' END;
INSERT INTO messages (conversation_id, sender_id, direction, status, twilio_sid, created_at)
	SELECT v.id, v.sender_id, 'inbound', 'received', 'SM0000000000000000000000000000000' || v.id % 10, now() FROM conversations v;
INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at) SELECT c.id, x.kind, x.source,
	CASE x.source WHEN 'keyword' THEN (SELECT 'WhatsApp message ' || m.twilio_sid || ': START' FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE v.contact_id = c.id) ELSE 'seen' END,
	timestamptz '2026-05-01' + x.n * interval '1 hour' FROM (VALUES
	(1, 'joined', 'opted_in', 'sandbox_join'), (1, 'joined twice', 'opted_in', 'sandbox_join'), (2, 'joined twice', 'opted_in', 'sandbox_join'), (1, 'paper', 'opted_in', 'paper'),
	(1, 'paper, then joined', 'opted_in', 'paper'), (2, 'paper, then joined', 'opted_in', 'sandbox_join'), (1, 'joined, then paper', 'opted_in', 'sandbox_join'), (2, 'joined, then paper', 'opted_in', 'paper'),
	(1, 'out, then joined', 'opted_in', 'paper'), (2, 'out, then joined', 'opted_out', 'twilio'), (3, 'out, then joined', 'opted_in', 'sandbox_join'), (1, 'out', 'opted_out', 'paper'),
	(1, 'start in the sandbox', 'opted_in', 'keyword'), (1, 'start at the clinic', 'opted_in', 'keyword'), (1, 'dropped joined', 'opted_in', 'sandbox_join'), (2, 'merged from joined', 'opted_in', 'merge'),
	(1, 'joined, merged with paper', 'opted_in', 'sandbox_join'), (1, 'dropped paper', 'opted_in', 'paper'),
	(1, 'out, then start in the sandbox', 'opted_out', 'paper'), (2, 'out, then start in the sandbox', 'opted_in', 'keyword')) x (n, name, kind, source)
	JOIN contacts c ON c.name = x.name ORDER BY x.n, c.id`

// migrate moves the schema to a version, down or up.
func migrate(ctx context.Context, t *testing.T, db *sql.DB, version int64) {
	t.Helper()
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	now, err := p.GetDBVersion(ctx)
	if err == nil && now > version {
		_, err = p.DownTo(ctx, version)
	} else if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Contacts who were opted in only through the Sandbox get an event that says so; no other contact does, and the ledger
// verifies.
func TestMigrationFindsWhoOnlyJoined(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := modelstest.Pool(t, modelstest.URL(t))
	db := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	migrate(ctx, t, db, 14)
	// Migrating down keeps the columns that an event's hash needs; in this database they never existed.
	for _, q := range []string{"ALTER TABLE consent_events DROP COLUMN scope, DROP COLUMN hash_version", functionsBeforeScopes, beforeScopes} {
		if _, err := pool.Exec(ctx, q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	migrate(ctx, t, db, 15)
	want := map[string]string{
		"joined": "opted_in sandbox", "joined twice": "opted_in sandbox", "paper": "opted_in all", "paper, then joined": "opted_in all", "joined, then paper": "opted_in all",
		"out, then joined": "opted_in sandbox out", "out": "opted_out all", "start in the sandbox": "opted_in sandbox", "start at the clinic": "opted_in all",
		"merged from joined": "opted_in sandbox", "dropped joined": "opted_in sandbox", "joined, merged with paper": "opted_in all", "dropped paper": "opted_in all", "nobody": "none all",
		"out, then start in the sandbox": "opted_in sandbox out",
	}
	var rows []struct{ Name, Is string }
	store, err := models.Open(pool, modelstest.NewClock().Now)
	if err != nil {
		t.Fatal(err)
	}
	err = store.InTx(ctx, func(tx *models.Tx) error {
		return base.DB(tx).Raw(`SELECT name, consent || ' ' || consent_scope || CASE WHEN opted_out_at IS NULL THEN '' ELSE ' out' END AS "is" FROM contacts`).Scan(&rows).Error
	})
	if err != nil || len(rows) != len(want) {
		t.Fatal(err, rows)
	}
	for _, r := range rows {
		if r.Is != want[r.Name] {
			t.Errorf("%s: %s, want %s", r.Name, r.Is, want[r.Name])
		}
	}
	n, problems, err := people.Read(store).VerifyConsent(ctx)
	if err != nil || len(problems) != 0 || n <= 20 {
		t.Errorf("%d events, %v %v", n, problems, err)
	}
	// After migrating down and up again, an event that was recorded with a scope is unchanged.
	migrate(ctx, t, db, 14)
	migrate(ctx, t, db, 15)
	if again, problems, err := people.Read(store).VerifyConsent(ctx); err != nil || len(problems) != 0 {
		t.Errorf("again: %d events, %v %v", again, problems, err)
	}
}

// functionsBeforeScopes are the database functions of migration 00007.
const functionsBeforeScopes = `CREATE OR REPLACE FUNCTION consent_event_hash(e consent_events) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN e.digest IS NULL -- as events were hashed before texts had a digest of their own
     THEN sha256(e.prev_hash || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source, e.proof, e.wording,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint), 'UTF8'))
     ELSE sha256(e.prev_hash || e.digest || convert_to(concat_ws(E'\x1f', e.contact_id, e.kind, e.source,
       coalesce(e.actor_id::text, ''), (extract(epoch FROM e.occurred_at) * 1000000)::bigint, coalesce(e.topic_id::text, ''), coalesce(e.file_id::text, '')), 'UTF8')) END $$;
CREATE OR REPLACE FUNCTION chain_consent_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contacts WHERE id = NEW.contact_id FOR UPDATE;
    SELECT hash INTO NEW.prev_hash FROM consent_events WHERE contact_id = NEW.contact_id ORDER BY id DESC LIMIT 1;
    NEW.prev_hash := coalesce(NEW.prev_hash, '');
    NEW.salt := coalesce(NEW.salt, uuid_send(gen_random_uuid()));
    NEW.digest := consent_event_digest(NEW);
    NEW.hash := consent_event_hash(NEW);
    RETURN NEW;
END $$;`

// When two contacts are merged, an opt-out of either takes precedence, then an opt-in to all senders, then one to the
// Sandbox.
func TestMergeOfScopes(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx, a := t.Context(), models.System("test")
	event := map[string]people.ConsentEvent{
		"in":     {Kind: whatsapp.OptedIn, Source: whatsapp.SourcePaper, Proof: "Form 7"},
		"joined": {Kind: whatsapp.OptedIn, Source: whatsapp.SourceSandboxJoin, Proof: "join"},
		"start":  {Kind: whatsapp.OptedIn, Source: whatsapp.SourceKeyword, Scope: whatsapp.ScopeSandbox, Proof: "START"},
		"out":    {Kind: whatsapp.OptedOut, Source: whatsapp.SourceKeyword, Proof: "STOP"},
	}
	n := 0
	person := func(tx *models.Tx, said string) (*people.Contact, error) {
		n++
		phone := fmt.Sprintf("+49153000000%02d", n)
		c := &people.Contact{Phone: &phone}
		err := people.AddContact(tx, a, c)
		for word := range strings.FieldsSeq(said) {
			err = errors.Join(err, people.RecordConsent(tx, a, c, event[word]))
		}
		return c, err
	}
	for _, c := range []struct {
		keep, drop     string
		sandbox, other whatsapp.Consent
		staysOut       bool
	}{
		{"", "joined", whatsapp.OptedIn, whatsapp.SandboxOnly, false},
		{"joined", "", whatsapp.OptedIn, whatsapp.SandboxOnly, false},
		{"joined", "in", whatsapp.OptedIn, whatsapp.OptedIn, false},
		{"in", "joined", whatsapp.OptedIn, whatsapp.OptedIn, false},
		{"out", "joined", whatsapp.OptedOut, whatsapp.OptedOut, true},
		{"joined", "out", whatsapp.OptedOut, whatsapp.OptedOut, true},
		{"in", "out start", whatsapp.OptedIn, whatsapp.SandboxOnly, true},
		{"", "out start", whatsapp.OptedIn, whatsapp.SandboxOnly, true},
		{"out start", "in", whatsapp.OptedIn, whatsapp.SandboxOnly, true},
		{"out start", "out", whatsapp.OptedOut, whatsapp.OptedOut, true},
		{"out", "out start", whatsapp.OptedOut, whatsapp.OptedOut, true},
	} {
		var keep *people.Contact
		err := store.InTx(ctx, func(tx *models.Tx) error {
			var drop *people.Contact
			var err, err2 error
			keep, err = person(tx, c.keep)
			drop, err2 = person(tx, c.drop)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			return arrivals.Merge(tx, a, keep, drop)
		})
		if err != nil {
			t.Fatalf("%q with %q: %v", c.keep, c.drop, err)
		}
		got, err := people.Read(store).ContactByPublicID(ctx, keep.PublicID)
		if err != nil {
			t.Fatal(err)
		}
		if s := got.ConsentState(); s.For(true) != c.sandbox || s.For(false) != c.other || got.StaysOut() != c.staysOut {
			t.Errorf("%q with %q: %+v", c.keep, c.drop, s)
		}
	}
	if events, problems, err := people.Read(store).VerifyConsent(ctx); err != nil || len(problems) != 0 || events == 0 {
		t.Errorf("%d events: %v %v", events, problems, err)
	}
}
