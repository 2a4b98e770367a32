package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"parley/services/health"
	onboardingservice "parley/services/onboarding"
	senderservice "parley/services/senders"
)

type registerSender struct {
	river.WorkerDefaults[senderservice.RegisterArgs]
	Services
}

func (w *registerSender) Work(ctx context.Context, j *river.Job[senderservice.RegisterArgs]) error {
	return w.Senders.RegisterNow(ctx, j.Args)
}

type changeSender struct {
	river.WorkerDefaults[senderservice.ChangeArgs]
	Services
}

func (w *changeSender) Work(ctx context.Context, j *river.Job[senderservice.ChangeArgs]) error {
	return w.Senders.ChangeNow(ctx, j.Args)
}

type followSender struct {
	river.WorkerDefaults[senderservice.PollSenderArgs]
	Services
}

func (w *followSender) Work(ctx context.Context, j *river.Job[senderservice.PollSenderArgs]) error {
	again, err := w.Senders.PollSender(ctx, j.Args)
	if err != nil || again == 0 {
		return err
	}
	return river.JobSnooze(again)
}

// PollSendersArgs asks to poll all senders at Twilio.
type PollSendersArgs struct{}

// Kind names the job.
func (PollSendersArgs) Kind() string { return "watch_senders" }

type pollSenders struct {
	river.WorkerDefaults[PollSendersArgs]
	Services
}

func (w *pollSenders) Work(ctx context.Context, _ *river.Job[PollSendersArgs]) error {
	return w.Senders.Poll(ctx)
}

// HealthCheckArgs asks to check whether sending and receiving work.
type HealthCheckArgs struct{}

// Kind names the job.
func (HealthCheckArgs) Kind() string { return "look_after_health" }

type healthCheck struct {
	river.WorkerDefaults[HealthCheckArgs]
	Services
}

func (w *healthCheck) Work(ctx context.Context, _ *river.Job[HealthCheckArgs]) error {
	return w.Health.Check(ctx)
}

type lookAtWebsite struct {
	river.WorkerDefaults[onboardingservice.WebsiteArgs]
	Services
}

func (w *lookAtWebsite) Work(ctx context.Context, j *river.Job[onboardingservice.WebsiteArgs]) error {
	return w.Onboarding.CheckWebsite(ctx, j.Args)
}

type testConnection struct {
	river.WorkerDefaults[health.TestArgs]
	Services
}

func (w *testConnection) Work(ctx context.Context, j *river.Job[health.TestArgs]) error {
	return w.Health.TestNow(ctx, j.Args)
}

// AskUnknownArgs asks to fetch the status of messages without a final status.
type AskUnknownArgs struct{}

// Kind names the job.
func (AskUnknownArgs) Kind() string { return "ask_unknown" }

type askUnknown struct {
	river.WorkerDefaults[AskUnknownArgs]
	Services
}

func (w *askUnknown) Work(ctx context.Context, _ *river.Job[AskUnknownArgs]) error {
	return w.Messaging.AskUnknown(ctx, w.Twilio)
}

func addSenderWorkers(workers *river.Workers, s Services) {
	river.AddWorker(workers, &registerSender{Services: s})
	river.AddWorker(workers, &changeSender{Services: s})
	river.AddWorker(workers, &followSender{Services: s})
	river.AddWorker(workers, &pollSenders{Services: s})
	river.AddWorker(workers, &healthCheck{Services: s})
	river.AddWorker(workers, &lookAtWebsite{Services: s})
	river.AddWorker(workers, &testConnection{Services: s})
	river.AddWorker(workers, &askUnknown{Services: s})
}
