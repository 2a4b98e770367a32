package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/services/config"
	"parley/services/postgres"
)

// database is the pool and whatever had to be started for it.
type database struct {
	pool    *pgxpool.Pool
	lock    io.Closer
	private *postgres.Private
}

// openDatabase locks the data folder and opens the database, starting the private server if
// DATABASE_URL is not set. With share, a folder that another Parley uses is no error: its database is used.
func openDatabase(ctx context.Context, cfg config.Config, share bool) (*database, error) {
	db := &database{}
	var err error
	url, dir := string(cfg.DatabaseURL), filepath.Join(cfg.DataDir, "postgres")
	db.lock, err = postgres.LockFolder(cfg.DataDir)
	running := share && errors.Is(err, postgres.ErrInUse)
	if err != nil && !running {
		return nil, err
	}
	switch {
	case url != "":
	case running:
		url = postgres.RunningURL(dir, "postgres")
	default:
		if db.private, err = postgres.StartPrivate(ctx, dir, postgres.Options{}); err != nil {
			return nil, errors.Join(err, db.close())
		}
		url = db.private.URL("postgres")
	}
	if db.pool, err = postgres.Open(ctx, url, 24); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// close gives everything back, the pool first and the lock last.
func (db *database) close() error {
	var errs []error
	if db.pool != nil {
		db.pool.Close()
	}
	if db.private != nil {
		errs = append(errs, db.private.Stop())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

func migrate(ctx context.Context, cfg config.Config, stdout io.Writer) error {
	db, err := openDatabase(ctx, cfg, true)
	if err != nil {
		return err
	}
	n, err := postgres.Migrate(ctx, db.pool)
	if err == nil {
		_, err = fmt.Fprintf(stdout, "The database is up to date; %d migrations were applied.\n", n)
	}
	return errors.Join(err, db.close())
}
