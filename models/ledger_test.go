package models_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"parley/models"
	"parley/models/conversations/arrivals"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/privacy"
	"parley/whatsapp"
)

// The ledger verifies after any operation on contacts, and any change to one of its rows behind the program's back is
// found.
func TestLedgerFindsEveryTampering(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // the same each time
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := modelstest.PoolOf(store).Exec(ctx, sql, args...); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	verify := func() int {
		t.Helper()
		_, problems, err := people.Read(store).VerifyConsent(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(problems)
	}
	exec("INSERT INTO topics (name) VALUES ('Reminders')")
	topics, err := people.Read(store).Topics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	a := models.System("test")
	var persons []string
	for n := range 12 {
		phone := fmt.Sprintf("+49151000000%02d", n)
		c := &people.Contact{Phone: &phone}
		if err := store.InTx(ctx, func(tx *models.Tx) error { return people.AddContact(tx, a, c) }); err != nil {
			t.Fatal(err)
		}
		persons = append(persons, c.PublicID)
	}
	gone := map[string]bool{}
	for range 150 {
		one, two := persons[r.IntN(len(persons))], persons[r.IntN(len(persons))]
		err := store.InTx(ctx, func(tx *models.Tx) error {
			c, err := people.ContactForUpdate(tx, one)
			if err != nil {
				return err
			}
			switch n := r.IntN(20); {
			case n == 0 && len(gone) < 6:
				gone[one] = true
				_, err = privacy.Erase(tx, a, c)
				return err
			case n == 1 && one != two && len(gone) < 6:
				other, err := people.ContactForUpdate(tx, two)
				if err != nil {
					return err
				}
				gone[two] = true
				return arrivals.Merge(tx, a, c, other)
			default:
				e := people.ConsentEvent{Kind: []whatsapp.Consent{whatsapp.OptedIn, whatsapp.OptedOut, whatsapp.ConsentNone}[n%3], Source: whatsapp.SourcePaper, Proof: fmt.Sprintf("Form %d", r.IntN(1000)), Wording: "Yes"}
				switch {
				case n > 12:
					e.TopicID = &topics[0].ID
				case n > 9 && e.Kind == whatsapp.OptedIn:
					e.Source = whatsapp.SourceSandboxJoin
				case n > 6 && e.Kind == whatsapp.OptedIn: // START, written to the Sandbox
					e.Source, e.Scope = whatsapp.SourceKeyword, whatsapp.ScopeSandbox
				}
				return people.RecordConsent(tx, a, c, e)
			}
		})
		if err != nil && models.KindOf(err) != models.KindNotFound {
			t.Fatal(err)
		}
	}
	paper := people.ConsentEvent{Kind: whatsapp.OptedIn, Source: whatsapp.SourcePaper, Proof: "Form 7"}
	left := people.ConsentEvent{Kind: whatsapp.OptedOut, Source: whatsapp.SourceKeyword, Proof: "STOP"}
	start := people.ConsentEvent{Kind: whatsapp.OptedIn, Source: whatsapp.SourceKeyword, Scope: whatsapp.ScopeSandbox, Proof: "START"}
	for n, events := range [][]people.ConsentEvent{{paper}, {paper, start}, {start}, {left, start}} {
		phone := fmt.Sprintf("+49152000000%02d", n)
		c := &people.Contact{Phone: &phone}
		err := store.InTx(ctx, func(tx *models.Tx) error {
			err := people.AddContact(tx, a, c)
			for _, e := range events {
				err = errors.Join(err, people.RecordConsent(tx, a, c, e))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := verify(); n != 0 || len(gone) < 3 {
		t.Fatalf("%d problems after %d people went", n, len(gone))
	}
	var events int
	if err := modelstest.PoolOf(store).QueryRow(ctx, "SELECT count(*) FROM consent_events WHERE erased_at IS NULL").Scan(&events); err != nil || events < 50 {
		t.Fatal(events, err)
	}
	exec("ALTER TABLE consent_events DROP CONSTRAINT consent_events_scoped, DROP CONSTRAINT consent_events_joined")
	exec("CREATE TABLE contacts_kept AS SELECT id, consent, consent_scope, opted_out_at FROM contacts")
	// The database refuses changes; a user with all rights on it can bypass that, and leaves traces.
	for _, change := range []string{"proof = proof || '!'", "wording = ''", "kind = CASE kind WHEN 'opted_in' THEN 'opted_out' ELSE 'opted_in' END", "source = CASE source WHEN 'sandbox_join' THEN 'keyword' ELSE 'api' END", "scope = CASE scope WHEN 'all' THEN 'sandbox' ELSE 'all' END", "hash_version = 1", "digest = NULL", "occurred_at = occurred_at - interval '1 day'",
		"topic_id = CASE WHEN topic_id IS NULL THEN 1 END", "salt = 'x'", "digest = 'x'", "hash = 'x'", "prev_hash = 'x'", "erased_at = now(), proof = '', salt = NULL", "contact_id = (SELECT max(id) FROM contacts)"} {
		where := "WHERE id = (SELECT id FROM consent_events WHERE erased_at IS NULL AND contact_id <> (SELECT max(id) FROM contacts) ORDER BY id OFFSET $1 LIMIT 1)"
		if _, err := modelstest.PoolOf(store).Exec(ctx, "UPDATE consent_events SET "+change+" "+where, 7); err == nil {
			t.Errorf("the database let this happen: %s", change)
		}
		for _, at := range []int{0, 7, 20} {
			exec("DROP TABLE IF EXISTS kept")
			exec("CREATE TABLE kept AS SELECT * FROM consent_events")
			tx, err := modelstest.PoolOf(store).Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range []string{"SET LOCAL session_replication_role = replica"} {
				if _, err := tx.Exec(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := tx.Exec(ctx, "UPDATE consent_events SET "+change+" "+where, at); err != nil {
				t.Fatal(change, err, tx.Rollback(ctx))
			}
			if err := tx.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			if verify() == 0 {
				t.Errorf("nobody notices: %s at %d", change, at)
			}
			exec("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM consent_events; INSERT INTO consent_events OVERRIDING SYSTEM VALUE SELECT * FROM kept; COMMIT")
		}
	}
	if n := verify(); n != 0 {
		t.Fatalf("%d problems at the end", n)
	}
	// A contact whose consent differs from its events is found, too.
	for _, change := range []string{"consent_scope = 'sandbox' WHERE consent = 'opted_in' AND consent_scope = 'all'", "consent_scope = 'all', opted_out_at = NULL WHERE consent_scope = 'sandbox'",
		"opted_out_at = now() WHERE consent_scope = 'sandbox' AND opted_out_at IS NULL", "consent = 'none', consent_scope = 'all', opted_out_at = NULL WHERE consent = 'opted_in'"} {
		tag, err := modelstest.PoolOf(store).Exec(ctx, "UPDATE contacts SET "+change)
		if err != nil || tag.RowsAffected() == 0 {
			t.Fatal(err, tag, change)
		}
		if verify() == 0 {
			t.Errorf("nobody notices: %s", change)
		}
		exec("UPDATE contacts c SET consent = k.consent, consent_scope = k.consent_scope, opted_out_at = k.opted_out_at FROM contacts_kept k WHERE k.id = c.id")
	}
	// A deleted event is detected, from the middle and from the end.
	for _, which := range []string{"ORDER BY id OFFSET 5", "ORDER BY id DESC"} {
		exec("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM consent_events WHERE id = (SELECT id FROM consent_events e WHERE erased_at IS NULL AND topic_id IS NULL " + which + " LIMIT 1); COMMIT")
		if verify() == 0 {
			t.Errorf("an event is gone and nobody notices: %s", which)
		}
		exec("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM consent_events; INSERT INTO consent_events OVERRIDING SYSTEM VALUE SELECT * FROM kept; COMMIT")
	}
}
