package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/services/config"
	"parley/services/postgres"
)

// poolSize is how many connections the program holds at most.
const poolSize = 24

// database is the pool and the server that had to be started for it, if any.
type database struct {
	pool    *pgxpool.Pool
	lock    io.Closer
	private *postgres.Private
	dir     string // of the private server
	shared  bool   // another Parley runs the private server
}

// openDatabase locks the data folder and opens the database, starting the private server if DATABASE_URL is not set.
// With share, a folder that another Parley uses is not an error: its database is used.
func openDatabase(ctx context.Context, cfg config.Config, share bool) (*database, error) {
	db := &database{dir: filepath.Join(cfg.DataDir, "postgres")}
	var err error
	url := string(cfg.DatabaseURL)
	db.lock, err = postgres.LockFolder(cfg.DataDir)
	running := share && errors.Is(err, postgres.ErrInUse)
	if err != nil && !running {
		return nil, err
	}
	switch {
	case url != "":
	case running:
		url, db.shared = postgres.RunningURL(db.dir, "postgres"), true
	default:
		if db.private, err = postgres.StartPrivate(ctx, db.dir, postgres.Options{}); err != nil {
			return nil, errors.Join(err, db.close())
		}
		url = db.private.URL("postgres")
	}
	if db.pool, err = postgres.Open(ctx, url, poolSize); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// close releases everything, the pool first and the lock last.
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
