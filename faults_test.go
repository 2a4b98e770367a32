package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
	"parley/services/postgres"
)

// A notification survives a temporarily full disk and a restart of PostgreSQL, both while it is being sent.
func TestNotificationSurvivesItsDatabase(t *testing.T) {
	const people = 300
	dir := filepath.Join(t.TempDir(), "pg")
	server := startServer(t, dir)
	defer func() { _ = server.Stop() }()
	url := server.URL("postgres")
	pool, err := postgres.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	addr := freeAddress(t)
	sim, twilioURL := outsideSimulator(t, "http://"+addr)
	store, err := models.Open(pool, sim.Now)
	if err != nil {
		t.Fatal(err)
	}
	version := tormented(t, store, sim, people)
	// PostgreSQL's errors when it can't write, at each table that a message is written to.
	exec := func(q string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	exec("UPDATE senders SET messages_per_second = 60")
	exec("CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$")
	cmd := startChild(t, append(childEnv(addr, url, twilioURL), "ADDR="+addr, "DATA_DIR="+t.TempDir()), addr)
	defer func() { _ = cmd.Process.Signal(syscall.SIGKILL); _ = cmd.Wait() }()
	id := sendToAll(t, store, notifying.New(store, slog.New(slog.NewTextHandler(io.Discard, nil))), version)
	settled := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			p, err := notifications.Read(store).ProgressOf(t.Context(), id)
			if err == nil && p.Settled >= n {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d are settled: %v", p.Settled, n, err)
			}
		}
	}
	settled(people / 4)
	for _, table := range []string{"messages", "status_events", "webhook_receipts"} {
		exec("CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON " + table + " EXECUTE FUNCTION disk_full()")
	}
	sent := len(sim.Messages(""))
	time.Sleep(1500 * time.Millisecond)
	if now := len(sim.Messages("")); now > sent+60 { // what had been claimed before, and nothing else
		t.Errorf("%d messages left while nothing could be written", now-sent)
	}
	for _, table := range []string{"messages", "status_events", "webhook_receipts"} {
		exec("DROP TRIGGER disk_full ON " + table)
	}
	settled(people / 2)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	server = startServer(t, dir)
	settled(people)
	time.Sleep(500 * time.Millisecond)
	judge(t, store, sim, torment{people: people, instances: 1, notification: id})
}

func startServer(t *testing.T, dir string) *postgres.Private {
	t.Helper()
	p, err := postgres.StartPrivate(t.Context(), dir, postgres.Options{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
