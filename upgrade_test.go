package main

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/postgres"
)

const fixtures = "testdata/upgrade"

// Every release's database can be upgraded to this schema, and users see what they saw before.
func TestUpgradeFromEveryRelease(t *testing.T) {
	t.Parallel()
	dumps, err := filepath.Glob(fixtures + "/*.sql.gz")
	if err != nil || len(dumps) == 0 {
		t.Fatalf("no release has a fixture: %v", err)
	}
	for _, dump := range dumps {
		release := strings.TrimSuffix(filepath.Base(dump), ".sql.gz")
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			pool := loadFixture(t, dump)
			missing, err := missingStates(ctx, pool)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range missing {
				t.Errorf("no row of the fixture has %s.%s = %q", s.Table, s.Column, s.Value)
			}
			if _, err := postgres.Migrate(ctx, pool); err != nil {
				t.Fatal(err)
			}
			recorded, err := os.ReadFile(fixtures + "/" + release + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := sameFacts(recorded, factsOf(ctx, t, storeOn(t, pool))); err != nil {
				t.Error(err)
			}
		})
	}
}

func storeOn(t *testing.T, pool *pgxpool.Pool) *models.Store {
	t.Helper()
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	store, err := models.Open(pool, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// loadFixture creates a database from a release's dump.
func loadFixture(t *testing.T, dump string) *pgxpool.Pool {
	t.Helper()
	f, err := os.Open(dump)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sql, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	url := modelstest.EmptyURL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // nothing to lose
	if _, err := conn.PgConn().Exec(t.Context(), string(sql)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	return modelstest.Pool(t, url)
}
