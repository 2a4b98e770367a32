package accounts

import (
	"context"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
)

// An attempt whose password was not checked for lack of time does not count, whenever its browser disconnects.
func TestTryThatFoundNoTurn(t *testing.T) {
	t.Parallel()
	s, store := opened(t)
	for range HashesAtOnce {
		s.hasher <- struct{}{}
	}
	tries := func() (n int) {
		t.Helper()
		if err := modelstest.PoolOf(store).QueryRow(t.Context(), "SELECT count(*) FROM signin_failures").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 25 { // the time between the row's commit and its answer is short
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := s.SignIn(ctx, "ada@example.com", "blue kettle mountain", "203.0.113.9")
			ended <- err
		}()
		for until := time.Now().Add(hashWait); tries() == 0; {
			if time.Now().After(until) {
				t.Fatal("the try is not counted while it waits for its turn")
			}
		}
		leave()
		if err := <-ended; err == nil || models.KindOf(err) == models.KindInvalid {
			t.Errorf("the password was looked at: %v", err)
		}
		if n := tries(); n != 0 {
			t.Fatalf("%d tries are counted", n)
		}
	}
}
