package modelstest

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Failure makes one statement of a pool fail: the server closes the connection just before it, as when PostgreSQL is
// restarted. Everything that goes to the server counts, BEGIN and COMMIT, too.
type Failure struct {
	Pool *pgxpool.Pool // another one of the same database, whose statements don't count

	t    testing.TB
	mu   sync.Mutex
	left int // statements until the one that fails; 0: none does
	hit  string
}

// FailingPool opens a pool like Pool whose statements can be made to fail.
func FailingPool(t testing.TB, url string) (*pgxpool.Pool, *Failure) {
	t.Helper()
	f := &Failure{Pool: Pool(t, url), t: t}
	cfg := f.Pool.Config()
	cfg.ConnConfig.Tracer = f
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, f
}

// At makes the nth statement from now fail, the first being 1.
func (f *Failure) At(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.hit = n, ""
}

// Stop lets all statements succeed again, and returns the one that failed, or nothing if there were fewer.
func (f *Failure) Stop() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = 0
	return f.hit
}

func (f *Failure) pass(conn *pgx.Conn, statement string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		return
	}
	if f.left--; f.left > 0 {
		return
	}
	f.hit = statement
	const waitMS = 5000 // until the backend is gone
	_, err := f.Pool.Exec(context.Background(), "SELECT pg_terminate_backend($1, $2)", int32(conn.PgConn().PID()), waitMS)
	if err != nil {
		f.t.Error(err)
	}
}

// TraceQueryStart is called by pgx before a statement.
func (f *Failure) TraceQueryStart(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	f.pass(c, d.SQL)
	return ctx
}

// TraceBatchStart is called by pgx before several statements that are sent at once.
func (f *Failure) TraceBatchStart(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	f.pass(c, d.Batch.QueuedQueries[0].SQL)
	return ctx
}

// TraceCopyFromStart is called by pgx before a COPY.
func (f *Failure) TraceCopyFromStart(ctx context.Context, c *pgx.Conn, d pgx.TraceCopyFromStartData) context.Context {
	f.pass(c, "COPY "+d.TableName.Sanitize())
	return ctx
}

// TraceQueryEnd does nothing.
func (*Failure) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchQuery does nothing.
func (*Failure) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd does nothing.
func (*Failure) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceCopyFromEnd does nothing.
func (*Failure) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}
