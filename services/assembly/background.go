package assembly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"parley/services/jobs"
	"parley/services/postgres"
)

// background is what works while nobody asks: live updates, the dispatcher, notifications and jobs.
type background struct {
	pool    *pgxpool.Pool
	jobs    *river.Client[pgx.Tx]
	running sync.WaitGroup
	stop    context.CancelFunc // nil before Start
}

func (s *Services) newBackground(o Options) (err error) {
	s.background.pool = o.Pool
	s.background.jobs, err = jobs.New(
		o.Pool,
		jobs.Services{
			Store:            s.Store,
			Twilio:           s.Twilio,
			Messaging:        s.Messaging,
			Media:            s.Media,
			Approvals:        s.Approvals,
			People:           s.People,
			Importing:        s.Importing,
			Onboarding:       s.Onboarding,
			Senders:          s.Senders,
			Notifying:        s.Notifying,
			Health:           s.Health,
			PollEvery:        o.Every.Poll,
			HealthCheckEvery: o.Every.HealthCheck,
			RulesEvery:       o.Every.Rules,
		},
		warnings(o.Log),
	)
	return err
}

// Start begins the work in the background. It goes on until Stop, however long ctx lives.
func (s *Services) Start(ctx context.Context) error {
	b := &s.background
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	b.running.Go(func() { s.Hub.Run(work, b.pool) })
	b.running.Go(func() { s.Dispatcher.Run(work) })
	b.running.Go(func() { s.Notifying.Run(work) })
	if err := b.jobs.Start(work); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// Stop ends the work in the background. Jobs that don't end before ctx are cut off; they run again at the next start.
func (s *Services) Stop(ctx context.Context) error {
	b := &s.background
	if b.stop == nil {
		return nil
	}
	b.stop()
	b.running.Wait()
	return b.jobs.Stop(ctx)
}

// Close releases what the services hold. The pool is the caller's.
func (s *Services) Close() error { return s.Media.Close() }

// Ready says whether the database answers, its migrations have run and the dispatcher works.
func (s *Services) Ready(ctx context.Context) error {
	ok, err := postgres.Migrated(ctx, s.background.pool)
	switch {
	case err != nil:
		return err
	case !ok:
		return errors.New("migrations are pending")
	case !s.Dispatcher.Ready():
		return errors.New("the dispatcher has not seen the queue yet")
	}
	return nil
}

// warnings drops everything below warnings of a library's log.
func warnings(log *slog.Logger) *slog.Logger {
	return slog.New(&atLeast{Handler: log.Handler(), level: slog.LevelWarn})
}

type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h *atLeast) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }
