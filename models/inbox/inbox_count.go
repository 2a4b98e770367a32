package inbox

import (
	"context"

	"parley/models"
	"parley/models/internal/base"
)

// Counters are the numbers of the sidebar, the inbox's tabs and Home.
type Counters struct {
	All, Mine, Unassigned, Waiting, Closing    int
	Mentions, Snoozed, Resolved, Failed        int
	Unread                                     int // conversations with something unread that are the user's or nobody's
	ApprovalsPending, ApprovalsRejected, Later int // Later: scheduled replies that wait for the user's decision
}

// Of is the number of conversations in a view.
func (c Counters) Of(v InboxView) int {
	return map[InboxView]int{
		ViewAll:        c.All,
		ViewMine:       c.Mine,
		ViewUnassigned: c.Unassigned,
		ViewWaiting:    c.Waiting,
		ViewClosing:    c.Closing,
		ViewMentions:   c.Mentions,
		ViewSnoozed:    c.Snoozed,
		ViewResolved:   c.Resolved,
		ViewFailed:     c.Failed,
	}[v]
}

var (
	inboxCount    = query("inbox_count")
	inboxCountAll = query("inbox_count_all")
	sumInboxSteps = query("inbox_steps_sum")
)

// Count reads the counters as userID sees them. The lists' numbers are summed from steps that the database adds
// with every change, so that this costs the same with a hundred thousand open conversations as with ten.
func (r Reads) Count(ctx context.Context, userID int64) (Counters, error) {
	var out Counters
	now := r.store.Now()
	err := r.read(ctx).
		Raw(inboxCount, map[string]any{"user": userID, "now": now, "soon": now.Add(closingSoon)}).
		Scan(&out).
		Error
	return out, err
}

// UserCounts are the numbers that differ between users, for the live updates: read for everybody at once.
type UserCounts struct {
	// by list and assignee; nobody's under 0
	Lists    map[string]map[int64]int
	Closing  int
	Mentions map[int64]int
}

// CountAll reads the lists' numbers for all users in two statements.
func (r Reads) CountAll(ctx context.Context) (UserCounts, error) {
	out := UserCounts{Lists: map[string]map[int64]int{}, Mentions: map[int64]int{}}
	now := r.store.Now()
	var rows []struct {
		List       string
		AssigneeID int64
		N          int
	}
	err := r.read(ctx).
		Raw(inboxCountAll, map[string]any{"now": now, "soon": now.Add(closingSoon)}).
		Scan(&rows).
		Error
	for _, row := range rows {
		switch row.List {
		case "closing":
			out.Closing = row.N
		case "mentions":
			out.Mentions[row.AssigneeID] = row.N
		default:
			if out.Lists[row.List] == nil {
				out.Lists[row.List] = map[int64]int{}
			}
			out.Lists[row.List][row.AssigneeID] = row.N
		}
	}
	return out, err
}

// For is what one user sees of the counts.
func (u UserCounts) For(userID int64) Counters {
	sum := func(list string) (n int) {
		for _, m := range u.Lists[list] {
			n += m
		}
		return n
	}
	return Counters{
		All:        sum("open"),
		Mine:       u.Lists["open"][userID],
		Unassigned: u.Lists["open"][0],
		Waiting:    sum("waiting"),
		Closing:    u.Closing,
		Mentions:   u.Mentions[userID],
		Snoozed:    sum("snoozed"),
		Resolved:   sum("resolved"),
		Failed:     sum("failed"),
		Unread:     u.Lists["unread"][0] + u.Lists["unread"][userID],
	}
}

// OpenSessions counts the sessions that are open now.
func (r Reads) OpenSessions(ctx context.Context) (int64, error) {
	var n int64
	err := r.read(ctx).Raw("SELECT count(*) FROM conversations WHERE window_closes_at > ?", r.store.Now()).Scan(&n).Error
	return n, err
}

// SumInboxSteps sums up the steps of the counters where many have gathered. It changes no number.
func SumInboxSteps(ctx context.Context, s *models.Store) error {
	return base.Read(ctx, s).Exec(sumInboxSteps).Error
}
