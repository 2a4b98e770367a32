// Package jobs runs the background work on River: workers.go says which service does which kind of job, periodic.go
// which jobs come by themselves. Outbound messages are not jobs: see services/messaging/dispatch.go.
package jobs

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"parley/models"
	"parley/services/approvals"
	"parley/services/health"
	"parley/services/importing"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	onboardingservice "parley/services/onboarding"
	peopleservice "parley/services/people"
	senderservice "parley/services/senders"
	"parley/services/twilio"
)

// Services are what the workers call.
type Services struct {
	Store      *models.Store
	Twilio     *twilio.Client
	Messaging  *messaging.Service
	Media      *media.Files
	Approvals  *approvals.Service
	People     *peopleservice.Service
	Importing  *importing.Service
	Onboarding *onboardingservice.Service
	Senders    *senderservice.Service
	Health     *health.Service
	Notifying  *notifying.Service
	// PollEvery is how often all templates and senders at Twilio are polled; 5 minutes if 0.
	PollEvery time.Duration
	// HealthCheckEvery is how often sending and receiving are checked; 1 minute if 0.
	HealthCheckEvery time.Duration
	// RulesEvery is how often what is due is done: the inbox's time-based rules, reminders, schedules; 5 seconds if 0.
	RulesEvery time.Duration
}

// New makes the client that runs the workers. Start it after the migrations, stop it before the pool closes.
func New(pool *pgxpool.Pool, s Services, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		Workers:           workers(s),
		Logger:            log,
		FetchPollInterval: time.Second,
		FetchCooldown:     50 * time.Millisecond,
		PeriodicJobs: periodic(intervals{
			rules:  cmp.Or(s.RulesEvery, 5*time.Second),
			poll:   cmp.Or(s.PollEvery, 5*time.Minute),
			health: cmp.Or(s.HealthCheckEvery, time.Minute),
		}),
	})
}
