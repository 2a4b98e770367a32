package modelstest

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// longestWait is how long Eventually waits: many times as long as anything takes on a busy machine.
const longestWait = 20 * time.Second

// Eventually waits until a condition is true.
func Eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	look, end := time.NewTicker(5*time.Millisecond), time.NewTimer(longestWait)
	defer look.Stop()
	defer end.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-end.C:
			t.Fatalf("not after %v: %s", longestWait, what)
		}
	}
}

// Until waits until a query says true.
func Until(t testing.TB, pool *pgxpool.Pool, what, sql string, args ...any) {
	t.Helper()
	Eventually(t, what, func() (yes bool) {
		err := pool.QueryRow(t.Context(), sql, args...).Scan(&yes)
		return err == nil && yes
	})
}
