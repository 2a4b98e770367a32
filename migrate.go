package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"parley/services/config"
	"parley/services/postgres"
)

// withoutCopy is the option of parley migrate that leaves the copy of the private database out.
const withoutCopy = "--without-copy"

func migrateCommand(ctx context.Context, cfg config.Config, args []string, stdout io.Writer) error {
	copied := true
	switch {
	case len(args) == 1 && args[0] == withoutCopy:
		copied = false
	case len(args) > 0:
		return fmt.Errorf("migrate knows only %s: %w", withoutCopy, errUsage)
	}
	db, err := openDatabase(ctx, cfg, true)
	if err != nil {
		return err
	}
	n, err := db.migrate(ctx, copied, stdout)
	if err == nil {
		_, err = fmt.Fprintf(stdout, "The database is up to date; %d migrations were applied.\n", n)
	}
	return errors.Join(err, db.close())
}

// migrate brings the schema up to date and returns how many migrations ran. With copied, a private database that is not
// empty is copied first, and the path of the copy is printed.
func (db *database) migrate(ctx context.Context, copied bool, stdout io.Writer) (int, error) {
	if copied && (db.private != nil || db.shared) {
		if err := db.copyBeforeMigration(ctx, stdout); err != nil {
			return 0, err
		}
	}
	return postgres.Migrate(ctx, db.pool)
}

func (db *database) copyBeforeMigration(ctx context.Context, stdout io.Writer) error {
	version, err := postgres.Version(ctx, db.pool)
	if err != nil || version == 0 {
		return err
	}
	done, err := postgres.Migrated(ctx, db.pool)
	switch {
	case err != nil || done:
		return err
	case db.shared:
		return errors.New("another Parley is running on this database: stop it, then run this again. " +
			"The database is copied before it is brought up to date, and that needs its server to be down")
	}
	to := filepath.Join(
		filepath.Dir(db.dir),
		fmt.Sprintf("postgres-schema-%d-%s", version, time.Now().UTC().Format("20060102-150405")),
	)
	if err := db.copyStopped(ctx, to); err != nil {
		return err
	}
	_, err = fmt.Fprintf(
		stdout,
		"The database is brought up to date from schema %d. A copy from before lies in %s.\n",
		version,
		to,
	)
	return err
}

// copyStopped stops the private server, copies its files and starts it again.
func (db *database) copyStopped(ctx context.Context, to string) error {
	db.pool.Close()
	db.pool = nil
	stopped := db.private
	db.private = nil
	if err := stopped.Stop(); err != nil {
		return err
	}
	if err := stopped.Copy(ctx, to); err != nil {
		return err
	}
	var err error
	if db.private, err = postgres.StartPrivate(ctx, db.dir, postgres.Options{}); err != nil {
		return err
	}
	db.pool, err = postgres.Open(ctx, db.private.URL("postgres"), poolSize)
	return err
}
