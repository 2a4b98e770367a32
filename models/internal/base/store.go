// Package base holds the store and its transaction. Only packages below models can import it, so nobody else reaches
// GORM, and what changes the database stands in models.
package base

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Store gives access to the database.
type Store struct {
	db   *gorm.DB
	pool *pgxpool.Pool
	jobs *river.Client[pgx.Tx]
	now  *clock
}

// Open makes a store on pool. now is the clock of all rules about messages and sessions.
func Open(pool *pgxpool.Pool, now func() time.Time) (*Store, error) {
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(pool)}), &gorm.Config{
		Logger: logger.Discard, TranslateError: true, DisableAutomaticPing: true,
		NowFunc: func() time.Time { return time.Now().UTC() },
	})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	// A client without queues only inserts jobs; the workers have their own client.
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	return &Store{db: db, pool: pool, jobs: jobs, now: &clock{now: now}}, nil
}

// Now is the store's clock, in UTC and in the database's precision. It does not go back when the machine's clock is set
// back by less than ten minutes.
func (s *Store) Now() time.Time { return s.now.read() }

// Read is GORM outside a transaction, for the packages below models.
func Read(ctx context.Context, s *Store) *gorm.DB { return s.db.WithContext(ctx) }

// Pool is the connection pool, for what GORM can't do: COPY, LISTEN, and statements without parameters.
func Pool(s *Store) *pgxpool.Pool { return s.pool }

// SetLogger passes every statement of a store to a logger. For tests only.
func SetLogger(s *Store, l logger.Interface) { s.db.Logger = l }
