// Package jobs runs the background work on River: a worker is ten lines that call a service. Outbound messages are not
// jobs: see services/messaging/dispatch.go.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/privacy"
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
	Contacts   *peopleservice.Service
	Importing  *importing.Service
	Onboarding *onboardingservice.Service
	Senders    *senderservice.Service
	Health     *health.Service
	Notifying  *notifying.Service
	// PollEvery is how often all templates and senders at Twilio are polled; 5 minutes if 0.
	PollEvery time.Duration
	// HealthCheckEvery is how often sending and receiving are checked; 1 minute if 0.
	HealthCheckEvery time.Duration
	// RulesEvery is how often the inbox's time-based rules run; 5 seconds if 0.
	RulesEvery time.Duration
}

type fetchMedia struct {
	river.WorkerDefaults[messaging.FetchMediaArgs]
	Services
}

func (w *fetchMedia) Work(ctx context.Context, j *river.Job[messaging.FetchMediaArgs]) error {
	err := w.Media.Fetch(ctx, j.Args.MediaID)
	if err != nil && j.Attempt >= j.MaxAttempts {
		return errors.Join(err, w.Media.FetchFailed(ctx, j.Args.MediaID))
	}
	return err
}

type askRating struct {
	river.WorkerDefaults[messaging.AskRatingArgs]
	Services
}

func (w *askRating) Work(ctx context.Context, j *river.Job[messaging.AskRatingArgs]) error {
	return w.Messaging.AskRating(ctx, w.Twilio, j.Args)
}

type showTyping struct {
	river.WorkerDefaults[messaging.ShowTypingArgs]
	Services
}

func (w *showTyping) Work(_ context.Context, j *river.Job[messaging.ShowTypingArgs]) error {
	return w.Messaging.ShowTyping(w.Twilio, j.Args)
}

// ApplyRulesArgs asks to apply the inbox's time-based rules.
type ApplyRulesArgs struct{}

// Kind names the job.
func (ApplyRulesArgs) Kind() string { return "tick" }

type runRules struct {
	river.WorkerDefaults[ApplyRulesArgs]
	Services
}

func (w *runRules) Work(ctx context.Context, _ *river.Job[ApplyRulesArgs]) error {
	return errors.Join(
		w.Messaging.RunDueRules(ctx),
		w.Onboarding.Remind(ctx),
		w.Notifying.RunSchedules(ctx),
		notifications.SumReports(ctx, w.Store),
	)
}

type submit struct {
	river.WorkerDefaults[approvals.SubmitArgs]
	Services
}

func (w *submit) Work(ctx context.Context, j *river.Job[approvals.SubmitArgs]) error {
	return w.Approvals.SubmitNow(ctx, j.Args.VersionID, j.Attempt > 1)
}

type followApproval struct {
	river.WorkerDefaults[approvals.PollApprovalArgs]
	Services
}

func (w *followApproval) Work(ctx context.Context, j *river.Job[approvals.PollApprovalArgs]) error {
	again, err := w.Approvals.Poll(ctx, j.Args.VersionID)
	if err != nil || again == 0 {
		return err
	}
	return river.JobSnooze(again)
}

type checkTemplate struct {
	river.WorkerDefaults[messaging.CheckTemplateArgs]
	Services
}

func (w *checkTemplate) Work(ctx context.Context, j *river.Job[messaging.CheckTemplateArgs]) error {
	_, err := w.Approvals.Poll(ctx, j.Args.VersionID)
	return err
}

type deleteTemplate struct {
	river.WorkerDefaults[approvals.DeleteArgs]
	Services
}

func (w *deleteTemplate) Work(ctx context.Context, j *river.Job[approvals.DeleteArgs]) error {
	return w.Approvals.DeleteNow(ctx, j.Args.Sids)
}

type importTemplates struct {
	river.WorkerDefaults[approvals.ImportArgs]
	Services
}

func (w *importTemplates) Work(ctx context.Context, j *river.Job[approvals.ImportArgs]) error {
	return w.Approvals.ImportNow(ctx, j.Args.UserID)
}

type testTemplate struct {
	river.WorkerDefaults[approvals.TestArgs]
	Services
}

func (w *testTemplate) Work(ctx context.Context, j *river.Job[approvals.TestArgs]) error {
	return w.Approvals.TestNow(ctx, j.Args, j.Attempt)
}

// Bulk changes and imports have no time-out: they end when they are done, or with the process.
type changeContacts struct {
	river.WorkerDefaults[peopleservice.BulkArgs]
	Services
}

func (*changeContacts) Timeout(*river.Job[peopleservice.BulkArgs]) time.Duration { return -1 }

func (w *changeContacts) Work(ctx context.Context, j *river.Job[peopleservice.BulkArgs]) error {
	return w.Contacts.RunBulkChange(ctx, j.Args)
}

type importContacts struct {
	river.WorkerDefaults[importing.Args]
	Services
}

func (*importContacts) Timeout(*river.Job[importing.Args]) time.Duration { return -1 }

func (w *importContacts) Work(ctx context.Context, j *river.Job[importing.Args]) error {
	return w.Importing.Work(ctx, j.Args.ImportID)
}

// GoOnArgs asks to continue imports whose process has ended.
type GoOnArgs struct{}

// Kind names the job.
func (GoOnArgs) Kind() string { return "go_on_imports" }

type goOn struct {
	river.WorkerDefaults[GoOnArgs]
	Services
}

func (w *goOn) Work(ctx context.Context, _ *river.Job[GoOnArgs]) error { return w.Importing.GoOn(ctx) }

// PollTemplatesArgs asks to poll all templates at Twilio.
type PollTemplatesArgs struct{}

// Kind names the job.
func (PollTemplatesArgs) Kind() string { return "watch_templates" }

type pollTemplates struct {
	river.WorkerDefaults[PollTemplatesArgs]
	Services
}

func (w *pollTemplates) Work(ctx context.Context, _ *river.Job[PollTemplatesArgs]) error {
	return w.Approvals.PollAll(ctx)
}

// MaintenanceArgs asks for the hourly maintenance.
type MaintenanceArgs struct{}

// Kind names the job.
func (MaintenanceArgs) Kind() string { return "tidy" }

type tidy struct {
	river.WorkerDefaults[MaintenanceArgs]
	Services
}

func (w *tidy) Work(ctx context.Context, _ *river.Job[MaintenanceArgs]) error {
	if err := w.Approvals.Sweep(ctx); err != nil {
		return err
	}
	return errors.Join(
		w.Media.Sweep(ctx),
		w.Contacts.Retain(ctx),
		w.Importing.Forget(ctx),
		people.FillCountries(ctx, w.Store),
		privacy.Prune(ctx, w.Store),
		segments.DeleteOldLists(ctx, w.Store),
	)
}

// underWay are the states of a job that has not ended.
var underWay = []rivertype.JobState{
	rivertype.JobStateAvailable,
	rivertype.JobStatePending,
	rivertype.JobStateRetryable,
	rivertype.JobStateRunning,
	rivertype.JobStateScheduled,
}

// New makes the client that runs the workers. Start it after the migrations, stop it before the pool closes.
func New(pool *pgxpool.Pool, s Services, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &fetchMedia{Services: s})
	river.AddWorker(workers, &submit{Services: s})
	river.AddWorker(workers, &followApproval{Services: s})
	river.AddWorker(workers, &checkTemplate{Services: s})
	river.AddWorker(workers, &deleteTemplate{Services: s})
	river.AddWorker(workers, &importTemplates{Services: s})
	river.AddWorker(workers, &testTemplate{Services: s})
	river.AddWorker(workers, &pollTemplates{Services: s})
	river.AddWorker(workers, &changeContacts{Services: s})
	river.AddWorker(workers, &importContacts{Services: s})
	river.AddWorker(workers, &goOn{Services: s})
	river.AddWorker(workers, &tidy{Services: s})
	river.AddWorker(workers, &askRating{Services: s})
	river.AddWorker(workers, &showTyping{Services: s})
	river.AddWorker(workers, &runRules{Services: s})
	addSenderWorkers(workers, s)
	if s.HealthCheckEvery == 0 {
		s.HealthCheckEvery = time.Minute
	}
	if s.RulesEvery == 0 {
		s.RulesEvery = 5 * time.Second
	}
	if s.PollEvery == 0 {
		s.PollEvery = 5 * time.Minute
	}
	return river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}, Workers: workers,
		Logger: log, FetchPollInterval: time.Second, FetchCooldown: 50 * time.Millisecond,
		PeriodicJobs: []*river.PeriodicJob{
			river.NewPeriodicJob(river.PeriodicInterval(s.RulesEvery), func() (river.JobArgs, *river.InsertOpts) {
				// One at a time: a long run is not overtaken by the next.
				return ApplyRulesArgs{}, &river.InsertOpts{
					MaxAttempts: 1,
					UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: underWay},
				}
			}, &river.PeriodicJobOpts{RunOnStart: true}),
			river.NewPeriodicJob(river.PeriodicInterval(s.RulesEvery), func() (river.JobArgs, *river.InsertOpts) {
				return AskUnknownArgs{}, &river.InsertOpts{
					MaxAttempts: 1,
					UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: underWay},
				}
			}, nil),
			river.NewPeriodicJob(river.PeriodicInterval(10*time.Second), func() (river.JobArgs, *river.InsertOpts) {
				return GoOnArgs{}, &river.InsertOpts{MaxAttempts: 1}
			}, &river.PeriodicJobOpts{RunOnStart: true}),
			river.NewPeriodicJob(
				river.PeriodicInterval(time.Hour),
				func() (river.JobArgs, *river.InsertOpts) { return MaintenanceArgs{}, nil },
				&river.PeriodicJobOpts{RunOnStart: true},
			),
			river.NewPeriodicJob(river.PeriodicInterval(s.PollEvery), func() (river.JobArgs, *river.InsertOpts) {
				// The next poll makes up for a failed one.
				return PollTemplatesArgs{}, &river.InsertOpts{MaxAttempts: 1}
			}, &river.PeriodicJobOpts{RunOnStart: true}),
			river.NewPeriodicJob(river.PeriodicInterval(s.PollEvery), func() (river.JobArgs, *river.InsertOpts) {
				return PollSendersArgs{}, &river.InsertOpts{MaxAttempts: 1}
			}, &river.PeriodicJobOpts{RunOnStart: true}),
			river.NewPeriodicJob(river.PeriodicInterval(s.HealthCheckEvery), func() (river.JobArgs, *river.InsertOpts) {
				return HealthCheckArgs{}, &river.InsertOpts{MaxAttempts: 1}
			}, &river.PeriodicJobOpts{RunOnStart: true}),
		},
	})
}
