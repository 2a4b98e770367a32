// Package modelstest gives each test a database of its own, cloned from a template database that the
// migrations made, and a small world of named people. Tests only.
package modelstest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/migrations"
	"parley/models"
	"parley/services/postgres"
)

// ServerVariable names a running throw-away server; make test sets it.
const ServerVariable = "PARLEY_TEST_DATABASE_URL"

var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(ServerVariable); url != "" {
		return url, nil
	}
	// A plain "go test" of one package: a server of this process, which ends with it.
	clearOld()
	dir := filepath.Join(TempDir(), fmt.Sprintf("parley-test-%d", os.Getpid()))
	p, err := postgres.StartPrivate(context.Background(), dir, postgres.Options{Throwaway: true})
	if err != nil {
		return "", err
	}
	return p.URL("postgres"), nil
})

// inMemory is where Linux keeps files in memory, and how much of it must be free: a container often has 64 MB only.
const (
	inMemory     = "/dev/shm"
	inMemoryFree = 2 << 30
)

// TempDir is where the server of tests keeps its files: in memory if there is room, because each test copies a whole
// database, and the disk is what that waits for.
func TempDir() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(inMemory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < inMemoryFree {
		return os.TempDir()
	}
	return inMemory
}

// clearOld removes folders left by servers whose test processes have ended.
func clearOld() {
	dirs, _ := filepath.Glob(filepath.Join(TempDir(), "parley-test-*"))
	for _, d := range dirs {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(d), "parley-test-"))
		if err == nil && syscall.Kill(pid, 0) != nil {
			_ = os.RemoveAll(d)
		}
	}
}

var template = sync.OnceValues(func() (string, error) {
	url, err := server()
	if err != nil {
		return "", err
	}
	return makeTemplate(context.Background(), url)
})

// makeTemplate migrates a database named by the migrations' hash, once for all test processes.
func makeTemplate(ctx context.Context, url string) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, path)
		h.Write(b)
		return err
	})
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("parley_tpl_%x", h.Sum(nil)[:6])
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // the connection ends with the process anyway
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(77)"); err != nil {
		return "", err
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).
		Scan(&there); err != nil ||
		there {
		return name, err
	}
	tmp := "tmp_" + name
	for _, q := range []string{"DROP DATABASE IF EXISTS " + tmp, "CREATE DATABASE " + tmp} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return "", err
		}
	}
	pool, err := postgres.Open(ctx, at(url, tmp), 2)
	if err != nil {
		return "", err
	}
	_, err = postgres.Migrate(ctx, pool)
	pool.Close()
	if err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+tmp+" RENAME TO "+name)
	return name, err
}

func at(url, database string) string {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", cfg.User, database, cfg.Host, cfg.Port)
}

// URL creates a database with the current schema for t and returns its address. It is dropped at the end, or kept if t
// failed.
func URL(t testing.TB) string {
	t.Helper()
	tpl, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return copyOf(t, tpl)
}

// EmptyURL makes a database without any table.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return copyOf(t, "template0")
}

func copyOf(t testing.TB, tpl string) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	run := func(q string) error {
		conn, err := pgx.Connect(context.Background(), base)
		if err != nil {
			return err
		}
		defer conn.Close(context.Background()) //nolint:errcheck // nothing to lose
		_, err = conn.Exec(context.Background(), q)
		return err
	}
	if err := run("CREATE DATABASE " + name + " TEMPLATE " + tpl + " STRATEGY = FILE_COPY"); err != nil {
		t.Fatal(err)
	}
	url := at(base, name)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the database is kept: %s", url)
			return
		}
		if err := run("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	return url
}

// Clock is a clock that tests move.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock starts at the current time.
func NewClock() *Clock { return &Clock{t: time.Now().UTC()} }

// Now is the clock's time.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

// Move moves the clock.
func (c *Clock) Move(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// New gives t a store on a database of its own, with a clock to move.
func New(t testing.TB) (*models.Store, *Clock) {
	t.Helper()
	pool := Pool(t, URL(t))
	clock := NewClock()
	store, err := models.Open(pool, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return store, clock
}

// Pool opens a small pool in an awkward time zone.
func Pool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), url+"&timezone=Canada/Newfoundland", 6)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
