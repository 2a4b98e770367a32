package models_test

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
)

// One instance at a time dispatches for a sender, and the next takes over as soon as it ends.
func TestLease(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	a, b := models.NewLeases(store), models.NewLeases(store)
	try := func(what string, l *models.Leases, sender int64, wantHeld, wantFresh bool) {
		t.Helper()
		held, fresh, err := l.Take(ctx, sender)
		if err != nil || held != wantHeld || fresh != wantFresh {
			t.Errorf("%s: held %v fresh %v (%v)", what, held, fresh, err)
		}
	}
	// The database releases a lease once it has noticed that the connection has ended.
	soon := func(what string, l *models.Leases, sender int64) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			held, fresh, err := l.Take(ctx, sender)
			if err != nil || held {
				if err != nil || !fresh {
					t.Errorf("%s: fresh %v (%v)", what, fresh, err)
				}
				return
			}
		}
		t.Errorf("%s: never", what)
	}
	try("a first", a, 1, true, true)
	try("a again", a, 1, true, false)
	try("b while a holds it", b, 1, false, false)
	try("b another sender", b, 2, true, true)
	if err := a.Close(ctx); err != nil {
		t.Fatal(err)
	}
	soon("b after a ended", b, 1)
	// A connection that breaks loses its leases; they are acquired again.
	_, err := modelstest.PoolOf(store).
		Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		t.Fatal(err)
	}
	soon("b after its connection broke", b, 1)
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
