// Package postgres finds, starts and prepares the database: a pool on a given address, a private
// server under the data folder where no address is given, and the migrations. It knows no tables.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects to url and waits for it for at most ten seconds.
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL can't be read: %w", err)
	}
	cfg.MaxConns = maxConns
	if cfg.ConnConfig.RuntimeParams["timezone"] == "" {
		cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "parley"
	// Compiling a plan costs PostgreSQL up to a second; our statements take milliseconds. It is a SET, not a
	// start-up parameter, which PgBouncer would refuse.
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		// Parallel workers for one query are not worth their start-up time either: only queries of jobs are long.
		_, err := c.Exec(ctx, "SET jit = off; SET max_parallel_workers_per_gather = 0")
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		if err = pool.Ping(ctx); err == nil {
			return pool, nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			pool.Close()
			return nil, fmt.Errorf("the database at DATABASE_URL does not answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
