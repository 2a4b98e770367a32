package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"parley/migrations"
)

// migrationLock is held while migrations run, so that two instances that start together run one after another.
const migrationLock = 7_305_411

// Migrate brings the schema (Parley's and River's) up to date and returns how many of Parley's migrations ran.
func Migrate(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return 0, fmt.Errorf("migrate: take lock: %w", err)
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock) }()

	db, provider, err := provide(pool)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // closes the wrapper only, the pool stays open
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("apply migrations: %w", err)
	}
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return 0, fmt.Errorf("read River's migrations: %w", err)
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return 0, fmt.Errorf("apply River's migrations: %w", err)
	}
	return len(done), nil
}

func provide(pool *pgxpool.Pool) (*sql.DB, *goose.Provider, error) {
	db := stdlib.OpenDBFromPool(pool)
	// Versions before 0.1.0 were built from branches whose migrations were numbered in advance.
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithAllowOutofOrder(true))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read migrations: %w", err), db.Close())
	}
	return db, provider, nil
}

// Migrated reports whether every embedded migration has been applied.
func Migrated(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	db, provider, err := provide(pool)
	if err != nil {
		return false, err
	}
	defer db.Close() //nolint:errcheck // closes the wrapper only, the pool stays open
	pending, err := provider.HasPending(ctx)
	return !pending, err
}

// Version is the number of the newest migration that was applied; 0 for an empty database.
func Version(ctx context.Context, pool *pgxpool.Pool) (int64, error) {
	db, provider, err := provide(pool)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // closes the wrapper only, the pool stays open
	return provider.GetDBVersion(ctx)
}
