package jobs_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/approvals"
	"parley/services/health"
	"parley/services/importing"
	"parley/services/jobs"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	onboardingservice "parley/services/onboarding"
	peopleservice "parley/services/people"
	senderservice "parley/services/senders"
	"parley/services/twilio"
)

const account = "AC0123456789abcdef0123456789abcdef"

// world is a database that jobs can run on.
type world struct {
	t    *testing.T
	pool *pgxpool.Pool
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{t, modelstest.Pool(t, modelstest.URL(t))}
}

func (w world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// start runs the jobs until the test ends. Twilio can't be reached.
func (w world) start() {
	t := w.t
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(srv.Close)
	log := slog.New(slog.DiscardHandler)
	store, err := models.Open(w.pool, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	client, err := twilio.New(
		twilio.Credentials{AccountSID: account, Username: account, Password: "token"},
		twilio.Options{BaseURL: srv.URL, Timeout: 3 * time.Second},
	)
	if err != nil {
		t.Fatal(err)
	}
	files, err := media.Open(media.Location{Dir: t.TempDir()}, store, client)
	if err != nil {
		t.Fatal(err)
	}
	messages := messaging.New(store, log)
	work, err := jobs.New(w.pool, jobs.Services{
		Store:     store,
		Twilio:    client,
		Messaging: messages,
		Media:     files,
		Approvals: approvals.New(store, client, messages, approvals.Options{PublicURL: srv.URL, Log: log}),
		People:    peopleservice.New(store, files),
		Importing: importing.New(store, files, log),
		Onboarding: onboardingservice.New(store, files, onboardingservice.Options{
			AccountSID: account,
			PublicURL:  srv.URL,
			Log:        log,
		}),
		Senders:    senderservice.New(store, client, srv.URL, log),
		Health:     health.New(store, client, health.Options{PublicURL: srv.URL, Token: "token", Log: log}),
		Notifying:  notifying.New(store, log),
		RulesEvery: 100 * time.Millisecond,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := work.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := work.StopAndCancel(ctx); err != nil {
			t.Error(err)
		}
	})
}

// until waits until a query says true.
func (w world) until(what, sql string, args ...any) {
	w.t.Helper()
	modelstest.Until(w.t, w.pool, what, sql, args...)
}

// lock keeps everybody else from a table until the test ends.
func (w world) lock(table string) {
	w.t.Helper()
	conn, err := w.pool.Acquire(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := conn.Exec(w.t.Context(), "BEGIN; LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "ROLLBACK"); err != nil {
			w.t.Error(err)
		}
		conn.Release()
	})
}

const reminded = "SELECT remind_at IS NULL FROM access_requests"

func (w world) dueReminder() {
	w.t.Helper()
	w.exec("INSERT INTO access_requests (remind_at, next_action) VALUES (now() - interval '1 minute', 'Ask Twilio')")
}

// What is due in one service is done although another one hangs.
func TestOneThatHangsDelaysNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dueReminder()
	w.lock("settings") // the inbox's rules read them first
	w.start()
	w.until("the reminder", reminded)
}

// The hourly work of one service is done although another one fails, and only the one that failed is tried again.
func TestOneThatFailsHidesNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec("ALTER TABLE template_versions RENAME TO gone")
	w.exec("INSERT INTO signin_failures (email, ip, created_at) VALUES ('a', 'b', now() - interval '2 days')")
	w.start()
	w.until("the old row", "SELECT NOT EXISTS (SELECT 1 FROM signin_failures)")
	w.until("another attempt of what failed", `SELECT count(*) = 1 FROM river_job
		WHERE kind = 'sweep_submissions' AND attempt >= 2`)
	w.until("the end of the rest", `SELECT count(*) = 6 FROM river_job WHERE state = 'completed' AND attempt = 1
		AND kind IN ('sweep_uploads', 'retain', 'forget_imports', 'fill_countries', 'tidy', 'delete_old_lists')`)
}

// Kinds, attempts and uniqueness are stored with a job, and instances of other versions rely on them.
func TestPeriodicJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	for kind, want := range map[string]struct {
		attempts int
		alone    bool
	}{
		"tick":              {1, true},
		"remind_of_access":  {1, true},
		"run_schedules":     {1, true},
		"sum_reports":       {1, true},
		"ask_unknown":       {1, true},
		"go_on_imports":     {1, false},
		"watch_templates":   {1, false},
		"watch_senders":     {1, false},
		"look_after_health": {1, false},
		"sweep_submissions": {25, false},
		"sweep_uploads":     {25, false},
		"retain":            {25, false},
		"forget_imports":    {25, false},
		"fill_countries":    {25, false},
		"tidy":              {25, false},
		"delete_old_lists":  {25, false},
	} {
		w.until(kind, `SELECT bool_and(max_attempts = $2 AND (unique_key IS NOT NULL) = $3) FROM river_job
			WHERE kind = $1`, kind, want.attempts, want.alone)
	}
}

// An earlier version's jobs that are still in the queue after an upgrade are run.
func TestJobsOfEarlierVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO river_job (kind, args, max_attempts, state, attempt, scheduled_at, metadata) VALUES
		('tick', '{}', 1, 'available', 0, now(), '{"left": 1}'),
		('tidy', '{}', 25, 'retryable', 3, now(), '{"left": 1}')`)
	w.start()
	w.until("both", `SELECT count(*) = 2 FROM river_job WHERE metadata @> '{"left": 1}' AND state = 'completed'`)
}
