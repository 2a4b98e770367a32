package accounts

import (
	"context"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
)

// Assigning conversations locks a conversation before its user, and disabling a user does the opposite. If the database
// aborts the disabling to resolve the deadlock, it is retried.
func TestDisablingSurvivesADeadlock(t *testing.T) {
	t.Parallel()
	s, store := opened(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ana, err := s.Add(ctx, models.System("test"), NewUser{
		Email:    "ana@example.com",
		Name:     "Ana",
		Role:     models.Agent,
		Password: "blue kettle mountain",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := modelstest.PoolOf(store).Exec(ctx, `WITH s AS (
			INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business') RETURNING id
		), c AS (INSERT INTO contacts (phone) VALUES ('+4915112350109') RETURNING id)
		INSERT INTO conversations (contact_id, sender_id, assignee_id) SELECT c.id, s.id, $1 FROM s, c`, ana.ID); err != nil {
		t.Fatal(err)
	}
	tx, err := modelstest.PoolOf(store).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // committed below
	lock := func(query string) {
		t.Helper()
		if _, err := tx.Exec(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
	lock("SET LOCAL deadlock_timeout = '5min'") // so that the disabling is the one that is aborted
	lock("SELECT id FROM conversations FOR UPDATE")
	disabled := make(chan error, 1)
	go func() { disabled <- s.SetDisabled(ctx, models.System("test"), ana.PublicID, true) }()
	for waiting := 0; waiting == 0; {
		err := modelstest.PoolOf(store).QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	lock("SELECT id FROM users FOR SHARE")
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-disabled; err != nil {
		t.Fatal(err)
	}
	var left int
	err = modelstest.PoolOf(store).
		QueryRow(ctx, "SELECT count(*) FROM conversations WHERE assignee_id IS NOT NULL").
		Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d chats are still assigned (%v)", left, err)
	}
}
