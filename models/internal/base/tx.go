package base

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"gorm.io/gorm"
)

// LiveChannel is the PostgreSQL channel that changes are published on for all instances.
const LiveChannel = "parley_live"

// OutboxChannel wakes the dispatchers.
const OutboxChannel = "parley_outbox"

// Tx is one transaction: its rows, jobs and notifications are committed or rolled back together.
type Tx struct {
	db        *gorm.DB
	conn      *sql.Conn
	jobs      *river.Client[pgx.Tx]
	now       time.Time
	published map[string]bool
	// what is published at the end, channel and event
	events [][2]string
}

// InTx runs fn in one transaction and commits it if fn returns nil. GORM owns the transaction and
// River joins it on the same connection; the other way round a nested transaction commits the outer one.
func (s *Store) InTx(ctx context.Context, fn func(*Tx) error) error {
	return s.db.WithContext(ctx).Connection(func(c *gorm.DB) error {
		conn, ok := c.Statement.ConnPool.(*sql.Conn)
		if !ok {
			return fmt.Errorf("transaction needs a connection, got %T", c.Statement.ConnPool)
		}
		return c.Transaction(func(g *gorm.DB) error {
			tx := &Tx{db: g, conn: conn, jobs: s.jobs, now: s.Now(), published: map[string]bool{}}
			if err := fn(tx); err != nil {
				return err
			}
			return tx.notify()
		})
	})
}

// Retry runs fn again, at most twice, when the database ended its transaction to resolve a deadlock: nothing of it was
// committed, and the other transaction has continued. fn must begin a transaction of its own.
func Retry(fn func() error) error {
	for try := 0; ; try++ {
		err := fn()
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || try == 2 || (pg.Code != "40P01" && pg.Code != "40001") {
			return err
		}
	}
}

// Now is the moment at which the transaction began, on the store's clock.
func (tx *Tx) Now() time.Time { return tx.now }

// Enqueue adds a River job to the transaction. On an error the transaction must be rolled back: return it.
func (tx *Tx) Enqueue(args river.JobArgs, opts *river.InsertOpts) error {
	return tx.conn.Raw(func(driver any) error {
		_, err := tx.jobs.InsertTx(tx.db.Statement.Context, joined{driver.(*stdlib.Conn).Conn()}, args, opts)
		return err
	})
}

// Publish lets every open page know, after the commit, that something changed. Events are names, never content.
func (tx *Tx) Publish(events ...string) {
	for _, e := range events {
		if e != "" && !tx.published[e] {
			tx.published[e] = true
			tx.events = append(tx.events, [2]string{LiveChannel, e})
		}
	}
}

// WakeDispatchers makes the dispatchers check the queue after the commit.
func WakeDispatchers(tx *Tx) {
	if !tx.published[OutboxChannel] {
		tx.published[OutboxChannel] = true
		tx.events = append(tx.events, [2]string{OutboxChannel, ""})
	}
}

// notify passes everything that was published to the database, in one statement.
func (tx *Tx) notify() error {
	if len(tx.events) == 0 {
		return nil
	}
	channels, events := make([]string, len(tx.events)), make([]string, len(tx.events))
	for i, t := range tx.events {
		channels[i], events[i] = t[0], t[1]
	}
	err := tx.db.Exec(
		`SELECT pg_notify(c, e) FROM unnest(CAST(? AS text[]), CAST(? AS text[])) WITH ORDINALITY AS x (c, e, n)
		ORDER BY n`,
		Texts(channels).Text(),
		Texts(events).Text(),
	).Error
	if err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	return nil
}

// LockKey makes transactions about one thing that has no row yet run one after another.
func LockKey(tx *Tx, kind, key string) error {
	return tx.db.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", kind+":"+key).Error
}

// joined lets River write through the connection whose transaction GORM owns.
type joined struct{ conn *pgx.Conn }

var errJoined = errors.New("the transaction belongs to GORM")

func (joined) Begin(context.Context) (pgx.Tx, error) { return nil, errJoined }
func (joined) Commit(context.Context) error          { return errJoined }
func (joined) Rollback(context.Context) error        { return errJoined }
func (joined) LargeObjects() pgx.LargeObjects        { return pgx.LargeObjects{} }
func (j joined) Conn() *pgx.Conn                     { return j.conn }

func (j joined) CopyFrom(ctx context.Context, t pgx.Identifier, c []string, r pgx.CopyFromSource) (int64, error) {
	return j.conn.CopyFrom(ctx, t, c, r)
}

func (j joined) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return j.conn.SendBatch(ctx, b)
}

func (j joined) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return j.conn.Prepare(ctx, name, sql)
}

func (j joined) Exec(ctx context.Context, sql string, a ...any) (pgconn.CommandTag, error) {
	return j.conn.Exec(ctx, sql, a...)
}

func (j joined) Query(ctx context.Context, sql string, a ...any) (pgx.Rows, error) {
	return j.conn.Query(ctx, sql, a...)
}

func (j joined) QueryRow(ctx context.Context, sql string, a ...any) pgx.Row {
	return j.conn.QueryRow(ctx, sql, a...)
}

// DB is GORM inside a transaction, for the packages below models.
func DB(tx *Tx) *gorm.DB { return tx.db }
