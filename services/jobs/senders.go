package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"parley/services/access"
	"parley/services/health"
	"parley/services/senders"
)

type registerSender struct {
	river.WorkerDefaults[senders.RegisterArgs]
	Services
}

func (w *registerSender) Work(ctx context.Context, j *river.Job[senders.RegisterArgs]) error {
	return w.Senders.RegisterNow(ctx, j.Args)
}

type changeSender struct {
	river.WorkerDefaults[senders.ChangeArgs]
	Services
}

func (w *changeSender) Work(ctx context.Context, j *river.Job[senders.ChangeArgs]) error {
	return w.Senders.ChangeNow(ctx, j.Args)
}

type followSender struct {
	river.WorkerDefaults[senders.FollowArgs]
	Services
}

func (w *followSender) Work(ctx context.Context, j *river.Job[senders.FollowArgs]) error {
	again, err := w.Senders.Follow(ctx, j.Args)
	if err != nil || again == 0 {
		return err
	}
	return river.JobSnooze(again)
}

// WatchSendersArgs asks for a look at all senders at Twilio.
type WatchSendersArgs struct{}

// Kind names the job.
func (WatchSendersArgs) Kind() string { return "watch_senders" }

type watchSenders struct {
	river.WorkerDefaults[WatchSendersArgs]
	Services
}

func (w *watchSenders) Work(ctx context.Context, _ *river.Job[WatchSendersArgs]) error {
	return w.Senders.Watch(ctx)
}

// LookArgs asks to look whether sending and receiving work.
type LookArgs struct{}

// Kind names the job.
func (LookArgs) Kind() string { return "look_after_health" }

type look struct {
	river.WorkerDefaults[LookArgs]
	Services
}

func (w *look) Work(ctx context.Context, _ *river.Job[LookArgs]) error { return w.Health.Look(ctx) }

type lookAtWebsite struct {
	river.WorkerDefaults[access.WebsiteArgs]
	Services
}

func (w *lookAtWebsite) Work(ctx context.Context, j *river.Job[access.WebsiteArgs]) error {
	return w.Access.LookNow(ctx, j.Args)
}

type testConnection struct {
	river.WorkerDefaults[health.TestArgs]
	Services
}

func (w *testConnection) Work(ctx context.Context, j *river.Job[health.TestArgs]) error {
	return w.Health.TestNow(ctx, j.Args)
}

// AskUnknownArgs asks what became of messages that Twilio has told nothing final about.
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
	river.AddWorker(workers, &watchSenders{Services: s})
	river.AddWorker(workers, &look{Services: s})
	river.AddWorker(workers, &lookAtWebsite{Services: s})
	river.AddWorker(workers, &testConnection{Services: s})
	river.AddWorker(workers, &askUnknown{Services: s})
}
