package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

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

// workers has a worker for each kind of job, also for those that only an earlier version left in the queue.
func workers(s Services) *river.Workers {
	w := river.NewWorkers()
	addMedia(w, s.Media)
	addMessaging(w, s.Messaging, s.Twilio)
	addApprovals(w, s.Approvals)
	addContacts(w, s.People)
	addImporting(w, s.Importing)
	addSenders(w, s.Senders)
	addOnboarding(w, s.Onboarding)
	addHealth(w, s.Health)
	addNotifying(w, s.Notifying)
	addStored(w, s.Store)
	return w
}

// call makes a worker that passes a job's arguments to a function.
func call[A river.JobArgs](do func(context.Context, A) error) river.Worker[A] {
	return river.WorkFunc(func(ctx context.Context, j *river.Job[A]) error { return do(ctx, j.Args) })
}

// run makes a worker for jobs whose kind says everything.
func run[A river.JobArgs](do func(context.Context) error) river.Worker[A] {
	return river.WorkFunc(func(ctx context.Context, _ *river.Job[A]) error { return do(ctx) })
}

// untimed is a worker without a time-out: its jobs end when they are done, or with the process.
type untimed[A river.JobArgs] struct{ river.Worker[A] }

// Timeout is none.
func (untimed[A]) Timeout(*river.Job[A]) time.Duration { return -1 }

// polling makes a worker that runs again after the time that the function returns, until that is 0.
func polling[A river.JobArgs](do func(context.Context, A) (time.Duration, error)) river.Worker[A] {
	return call(func(ctx context.Context, args A) error {
		again, err := do(ctx, args)
		if err != nil || again == 0 {
			return err
		}
		return river.JobSnooze(again)
	})
}

func addMedia(w *river.Workers, files *media.Files) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[messaging.FetchMediaArgs]) error {
		err := files.Fetch(ctx, j.Args.MediaID)
		if err != nil && j.Attempt >= j.MaxAttempts {
			return errors.Join(err, files.FetchFailed(ctx, j.Args.MediaID))
		}
		return err
	}))
	river.AddWorker(w, run[sweepUploads](files.Sweep))
}

func addMessaging(w *river.Workers, messages *messaging.Service, client *twilio.Client) {
	river.AddWorker(w, call(func(ctx context.Context, args messaging.AskRatingArgs) error {
		return messages.AskRating(ctx, client, args)
	}))
	river.AddWorker(w, call(func(_ context.Context, args messaging.ShowTypingArgs) error {
		return messages.ShowTyping(client, args)
	}))
	river.AddWorker(w, run[askUnknown](func(ctx context.Context) error { return messages.AskUnknown(ctx, client) }))
	river.AddWorker(w, run[applyRules](messages.RunDueRules))
}

func addApprovals(w *river.Workers, drafts *approvals.Service) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[approvals.SubmitArgs]) error {
		return drafts.SubmitNow(ctx, j.Args.VersionID, j.Attempt > 1)
	}))
	river.AddWorker(w, polling(func(ctx context.Context, args approvals.PollApprovalArgs) (time.Duration, error) {
		return drafts.Poll(ctx, args.VersionID)
	}))
	river.AddWorker(w, call(func(ctx context.Context, args messaging.CheckTemplateArgs) error {
		_, err := drafts.Poll(ctx, args.VersionID)
		return err
	}))
	river.AddWorker(w, call(func(ctx context.Context, args approvals.DeleteArgs) error {
		return drafts.DeleteNow(ctx, args.Sids)
	}))
	river.AddWorker(w, call(func(ctx context.Context, args approvals.ImportArgs) error {
		return drafts.ImportNow(ctx, args.UserID)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[approvals.TestArgs]) error {
		return drafts.TestNow(ctx, j.Args, j.Attempt)
	}))
	river.AddWorker(w, run[pollTemplates](drafts.PollAll))
	river.AddWorker(w, run[sweepSubmissions](drafts.Sweep))
}

func addContacts(w *river.Workers, people *peopleservice.Service) {
	river.AddWorker(w, untimed[peopleservice.BulkArgs]{call(people.RunBulkChange)})
	river.AddWorker(w, run[retain](people.Retain))
}

func addImporting(w *river.Workers, files *importing.Service) {
	river.AddWorker(w, untimed[importing.Args]{call(func(ctx context.Context, args importing.Args) error {
		return files.Work(ctx, args.ImportID)
	})})
	river.AddWorker(w, run[continueImports](files.GoOn))
	river.AddWorker(w, run[forgetImports](files.Forget))
}

func addSenders(w *river.Workers, numbers *senderservice.Service) {
	river.AddWorker(w, call(numbers.RegisterNow))
	river.AddWorker(w, call(numbers.ChangeNow))
	river.AddWorker(w, polling(numbers.PollSender))
	river.AddWorker(w, run[pollSenders](numbers.Poll))
}

func addOnboarding(w *river.Workers, access *onboardingservice.Service) {
	river.AddWorker(w, call(access.CheckWebsite))
	river.AddWorker(w, run[remindOfAccess](access.Remind))
}

func addHealth(w *river.Workers, checks *health.Service) {
	river.AddWorker(w, call(checks.TestNow))
	river.AddWorker(w, run[checkHealth](checks.Check))
}

func addNotifying(w *river.Workers, notify *notifying.Service) {
	river.AddWorker(w, run[runSchedules](notify.RunSchedules))
}

// addStored adds what needs no service, only the stored rows.
func addStored(w *river.Workers, store *models.Store) {
	onStore := func(do func(context.Context, *models.Store) error) func(context.Context) error {
		return func(ctx context.Context) error { return do(ctx, store) }
	}
	river.AddWorker(w, run[sumReports](onStore(notifications.SumReports)))
	river.AddWorker(w, run[fillCountries](onStore(people.FillCountries)))
	river.AddWorker(w, run[prune](onStore(privacy.Prune)))
	river.AddWorker(w, run[deleteOldLists](onStore(segments.DeleteOldLists)))
}
