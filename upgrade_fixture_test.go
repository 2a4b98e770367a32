//go:build fixture

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models/modelstest"
	"parley/services/config"
)

// With PARLEY_RELEASE=0.1.0 this writes the fixture of that release: a demo database with a row in every state, and
// what users see of it. See docs/releasing.md.
func TestWriteFixture(t *testing.T) {
	release := os.Getenv("PARLEY_RELEASE")
	if release == "" {
		t.Fatal("PARLEY_RELEASE names no release")
	}
	ctx := t.Context()
	url := modelstest.URL(t)
	seedDemo(t, url)
	pool := modelstest.Pool(t, url)
	states, err := os.ReadFile(fixtures + "/states.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, string(states)); err != nil {
		t.Fatal(err)
	}
	for _, s := range fillStates(ctx, t, pool) {
		t.Errorf("states.sql has no row for %s.%s = %q", s.Table, s.Column, s.Value)
	}
	if t.Failed() {
		return
	}
	b, err := json.MarshalIndent(factsOf(ctx, t, storeOn(t, pool)), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fixtures+"/"+release+".json", append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeDump(ctx, url, fixtures+"/"+release+".sql.gz"); err != nil {
		t.Fatal(err)
	}
}

// seedDemo fills a database as make run does, and waits until its messages have been sent.
func seedDemo(t *testing.T, url string) {
	t.Helper()
	env := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(), "DATABASE_URL": url}
	cfg, err := config.Load(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	cfg.Demo = true
	if err := serve(t.Context(), cfg, io.Discard, tuning{seedOnly: true}); err != nil {
		t.Fatal(err)
	}
}

// psqlOnly matches the lines of a dump that are psql commands, not SQL.
var psqlOnly = regexp.MustCompile(`(?m)^\\.*\n`)

func writeDump(ctx context.Context, url, path string) error {
	var sql, problem bytes.Buffer
	cmd := exec.CommandContext(ctx, "pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=200", url)
	cmd.Stdout, cmd.Stderr = &sql, &problem
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, problem.String())
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(psqlOnly.ReplaceAll(sql.Bytes(), nil)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// fillStates sets each state that no row has on one of the rows whose state other rows have as well, if the schema's
// other constraints allow it. It returns the states that it could not set.
func fillStates(ctx context.Context, t *testing.T, pool *pgxpool.Pool) []checkedState {
	t.Helper()
	missing, err := missingStates(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	var left []checkedState
	for _, s := range missing {
		if !fillState(ctx, pool, s) {
			left = append(left, s)
		}
	}
	return left
}

func fillState(ctx context.Context, pool *pgxpool.Pool, s checkedState) bool {
	for n := range 30 {
		q := fmt.Sprintf(`UPDATE %[1]s SET %[2]s = $1 WHERE ctid = (SELECT ctid FROM %[1]s a
			WHERE (SELECT count(*) FROM %[1]s b WHERE b.%[2]s = a.%[2]s) > 1 ORDER BY ctid OFFSET $2 LIMIT 1)`, s.Table, s.Column)
		tag, err := pool.Exec(ctx, q, s.Value, n)
		if err == nil && tag.RowsAffected() == 1 {
			return true
		}
		if err == nil {
			return false
		}
	}
	return false
}
