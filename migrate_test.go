package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/migrations"
	"parley/services/postgres"
)

// A private database is copied before it is upgraded, and the copy can be restored.
func TestCopyBeforeMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := func(k string) (string, bool) { v, ok := map[string]string{"DATA_DIR": dir}[k]; return v, ok }
	command := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), args, env, terminal{in: strings.NewReader(""), out: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	copies := func() []string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "postgres-schema-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if command("migrate"); len(copies()) != 0 {
		t.Error("an empty database was copied")
	}
	latest := oneBack(t, dir)
	out := command("user", "list")
	said := regexp.MustCompile(`A copy from before lies in (\S+)\.\n`).FindStringSubmatch(out)
	if said == nil || len(copies()) != 1 || copies()[0] != said[1] {
		t.Fatalf("%q, and there is %v", out, copies())
	}
	if at := schemaOf(t, dir); at != latest {
		t.Errorf("the schema is at %d", at)
	}
	if command("migrate"); len(copies()) != 1 {
		t.Error("what is up to date was copied")
	}
	// Restore the copy, as docs/running.md describes.
	data := filepath.Join(dir, "postgres", "data")
	if err := os.Rename(data, data+".new-schema"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(said[1], data); err != nil {
		t.Fatal(err)
	}
	if at := schemaOf(t, dir); at >= latest {
		t.Errorf("the copy's schema is at %d", at)
	}
	if command("migrate", "--without-copy"); len(copies()) != 0 {
		t.Error("it was copied all the same")
	}
	if at := schemaOf(t, dir); at != latest {
		t.Errorf("the schema is at %d", at)
	}
}

// While another Parley runs on the database, it is not migrated without a copy.
func TestMigrateBesideARunningParley(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := func(k string) (string, bool) { v, ok := map[string]string{"DATA_DIR": dir}[k]; return v, ok }
	if err := run(t.Context(), []string{"migrate"}, env, terminal{out: &bytes.Buffer{}}); err != nil {
		t.Fatal(err)
	}
	oneBack(t, dir)
	lock, err := postgres.LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close() //nolint:errcheck // the folder is the test's
	withPrivate(t, dir, func(*postgres.Private) {
		err := run(t.Context(), []string{"migrate"}, env, terminal{out: &bytes.Buffer{}})
		if err == nil || !strings.Contains(err.Error(), "stop it, then run this again") {
			t.Errorf("%v", err)
		}
	})
}

// withPrivate runs the private server of a data folder while fn does something.
func withPrivate(t *testing.T, dir string, fn func(*postgres.Private)) {
	t.Helper()
	p, err := postgres.StartPrivate(t.Context(), filepath.Join(dir, "postgres"), postgres.Options{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	fn(p)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
}

func schemaOf(t *testing.T, dir string) (version int64) {
	t.Helper()
	withPrivate(t, dir, func(p *postgres.Private) {
		pool, err := postgres.Open(t.Context(), p.URL("postgres"), 2)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if version, err = postgres.Version(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	})
	return version
}

// oneBack reverts the newest migration, and returns its number.
func oneBack(t *testing.T, dir string) (latest int64) {
	t.Helper()
	withPrivate(t, dir, func(p *postgres.Private) {
		pool, err := postgres.Open(t.Context(), p.URL("postgres"), 2)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		provider, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(pool), migrations.Files)
		if err != nil {
			t.Fatal(err)
		}
		back, err := provider.Down(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		latest = back.Source.Version
	})
	return latest
}
