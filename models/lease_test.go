package models_test

import (
	"testing"
	"time"

	"parley/models/modelstest"
)

// One instance at a time dispatches for a sender, and the next takes over the moment it ends.
func TestLease(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	a, b := store.Leases(), store.Leases()
	take := func(name string, held, fresh, wantHeld, wantFresh bool, err error) {
		t.Helper()
		if err != nil || held != wantHeld || fresh != wantFresh {
			t.Errorf("%s: held %v fresh %v (%v)", name, held, fresh, err)
		}
	}
	held, fresh, err := a.Take(ctx, 1)
	take("a first", held, fresh, true, true, err)
	held, fresh, err = a.Take(ctx, 1)
	take("a again", held, fresh, true, false, err)
	held, fresh, err = b.Take(ctx, 1)
	take("b while a holds it", held, fresh, false, false, err)
	held, fresh, err = b.Take(ctx, 2)
	take("b another sender", held, fresh, true, true, err)
	if err := a.Close(ctx); err != nil {
		t.Fatal(err)
	}
	held, fresh, err = b.Take(ctx, 1)
	take("b after a ended", held, fresh, true, true, err)
	// A connection that breaks takes the leases with it; they are taken anew as soon as it is gone.
	_, err = store.Pool().Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		held, fresh, err = b.Take(ctx, 1)
		if held || err != nil || time.Now().After(deadline) {
			break
		}
	}
	take("b after its connection broke", held, fresh, true, true, err)
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
