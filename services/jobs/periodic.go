package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// intervals are how often periodic jobs come.
type intervals struct{ rules, poll, health time.Duration }

// Periodic jobs have no arguments. Each does one thing for one service: no other one waits if it fails or hangs.
// The first word of a comment is what an earlier version called the job, if that says something else.
type (
	// tick: the inbox's time-based rules.
	applyRules     struct{}
	remindOfAccess struct{}
	runSchedules   struct{}
	sumReports     struct{}
	// ask_unknown: fetches the status of messages that have no final one.
	askUnknown      struct{}
	continueImports struct{} // whose process has ended
	pollTemplates   struct{}
	pollSenders     struct{}
	checkHealth     struct{}

	sweepSubmissions struct{} // submissions that nobody polls
	sweepUploads     struct{}
	retain           struct{}
	forgetImports    struct{}
	fillCountries    struct{}
	// tidy: rows that are kept for a while.
	prune          struct{}
	deleteOldLists struct{}
)

// Kinds are stored with jobs: an instance of another version may have inserted them.

func (applyRules) Kind() string       { return "tick" }
func (remindOfAccess) Kind() string   { return "remind_of_access" }
func (runSchedules) Kind() string     { return "run_schedules" }
func (sumReports) Kind() string       { return "sum_reports" }
func (askUnknown) Kind() string       { return "ask_unknown" }
func (continueImports) Kind() string  { return "go_on_imports" }
func (pollTemplates) Kind() string    { return "watch_templates" }
func (pollSenders) Kind() string      { return "watch_senders" }
func (checkHealth) Kind() string      { return "look_after_health" }
func (sweepSubmissions) Kind() string { return "sweep_submissions" }
func (sweepUploads) Kind() string     { return "sweep_uploads" }
func (retain) Kind() string           { return "retain" }
func (forgetImports) Kind() string    { return "forget_imports" }
func (fillCountries) Kind() string    { return "fill_countries" }
func (prune) Kind() string            { return "tidy" }
func (deleteOldLists) Kind() string   { return "delete_old_lists" }

// underWay are the states of a job that has not ended.
var underWay = []rivertype.JobState{
	rivertype.JobStateAvailable,
	rivertype.JobStatePending,
	rivertype.JobStateRetryable,
	rivertype.JobStateRunning,
	rivertype.JobStateScheduled,
}

// periodic are the jobs that come by themselves.
func periodic(every intervals) []*river.PeriodicJob {
	// The next one makes up for a failed one.
	once := river.InsertOpts{MaxAttempts: 1}
	// One at a time: a long run is not overtaken by the next.
	alone := river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: underWay}}
	// An hour is long: these are tried again before.
	retried := river.InsertOpts{}
	fromStart := &river.PeriodicJobOpts{RunOnStart: true}
	var all []*river.PeriodicJob
	add := func(every time.Duration, opt river.InsertOpts, begin *river.PeriodicJobOpts, jobs ...river.JobArgs) {
		for _, args := range jobs {
			all = append(all, river.NewPeriodicJob(
				river.PeriodicInterval(every),
				func() (river.JobArgs, *river.InsertOpts) { return args, &opt },
				begin,
			))
		}
	}
	add(every.rules, alone, fromStart, applyRules{}, remindOfAccess{}, runSchedules{}, sumReports{})
	add(every.rules, alone, nil, askUnknown{})
	add(10*time.Second, once, fromStart, continueImports{})
	add(every.poll, once, fromStart, pollTemplates{}, pollSenders{})
	add(every.health, once, fromStart, checkHealth{})
	add(time.Hour, retried, fromStart,
		sweepSubmissions{}, sweepUploads{}, retain{}, forgetImports{}, fillCountries{}, prune{}, deleteOldLists{})
	return all
}
