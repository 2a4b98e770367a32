package models

import "context"

// Counters are the numbers of the sidebar, the inbox's tabs and Home.
type Counters struct {
	All, Mine, Unassigned, Waiting, Closing    int
	Mentions, Snoozed, Resolved, Failed        int
	Unread                                     int // conversations with something unread that are the user's or nobody's
	ApprovalsPending, ApprovalsRejected, Later int // Later: kept replies that wait for the user's word
}

// Of is a view's number.
func (c Counters) Of(v InboxView) int {
	return map[InboxView]int{ViewAll: c.All, ViewMine: c.Mine, ViewUnassigned: c.Unassigned, ViewWaiting: c.Waiting, ViewClosing: c.Closing,
		ViewMentions: c.Mentions, ViewSnoozed: c.Snoozed, ViewResolved: c.Resolved, ViewFailed: c.Failed}[v]
}

// Count reads the counters as userID sees them. The lists' numbers are summed from steps that the database adds
// with every change, so that this costs the same with a hundred thousand open conversations as with ten.
func (s *Store) Count(ctx context.Context, userID int64) (Counters, error) {
	var out Counters
	now := s.Now()
	err := s.read(ctx).Raw(`SELECT v.*, t.*,
		(SELECT count(*) FROM conversations WHERE state = 'open' AND waiting_since IS NOT NULL AND window_closes_at > @now AND window_closes_at <= @soon) AS closing,
		(SELECT count(*) FROM mentions WHERE user_id = @user AND seen_at IS NULL) AS mentions,
		(SELECT count(*) FROM later_replies WHERE author_id = @user AND state IN ('ready', 'refused')) AS later
	FROM (SELECT coalesce(sum(n) FILTER (WHERE list = 'open'), 0) AS all,
			coalesce(sum(n) FILTER (WHERE list = 'open' AND assignee_id = @user), 0) AS mine,
			coalesce(sum(n) FILTER (WHERE list = 'open' AND assignee_id IS NULL), 0) AS unassigned,
			coalesce(sum(n) FILTER (WHERE list = 'waiting'), 0) AS waiting,
			coalesce(sum(n) FILTER (WHERE list = 'failed'), 0) AS failed,
			coalesce(sum(n) FILTER (WHERE list = 'snoozed'), 0) AS snoozed,
			coalesce(sum(n) FILTER (WHERE list = 'resolved'), 0) AS resolved,
			coalesce(sum(n) FILTER (WHERE list = 'unread' AND (assignee_id IS NULL OR assignee_id = @user)), 0) AS unread
		FROM inbox_steps) v,
		(SELECT count(*) FILTER (WHERE state IN ('submitted', 'pending')) AS approvals_pending,
			count(*) FILTER (WHERE state = 'rejected' AND NOT EXISTS (SELECT 1 FROM template_versions n
				WHERE n.template_id = x.template_id AND n.language = x.language AND n.number > x.number)) AS approvals_rejected
		 FROM template_versions x WHERE state IN ('submitted', 'pending', 'rejected')) t`,
		map[string]any{"user": userID, "now": now, "soon": now.Add(ClosingSoon)}).Scan(&out).Error
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
func (s *Store) CountAll(ctx context.Context) (UserCounts, error) {
	out := UserCounts{Lists: map[string]map[int64]int{}, Mentions: map[int64]int{}}
	now := s.Now()
	var rows []struct {
		List       string
		AssigneeID int64
		N          int
	}
	err := s.read(ctx).
		Raw(`SELECT list, coalesce(assignee_id, 0) AS assignee_id, sum(n) AS n FROM inbox_steps GROUP BY 1, 2
		UNION ALL SELECT 'closing', 0, count(*) FROM conversations WHERE state = 'open' AND waiting_since IS NOT NULL AND window_closes_at > @now AND window_closes_at <= @soon
		UNION ALL SELECT 'mentions', user_id, count(*) FROM mentions WHERE seen_at IS NULL GROUP BY user_id`,
			map[string]any{"now": now, "soon": now.Add(ClosingSoon)}).
		Scan(&rows).
		Error
	for _, r := range rows {
		switch r.List {
		case "closing":
			out.Closing = r.N
		case "mentions":
			out.Mentions[r.AssigneeID] = r.N
		default:
			if out.Lists[r.List] == nil {
				out.Lists[r.List] = map[int64]int{}
			}
			out.Lists[r.List][r.AssigneeID] = r.N
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
func (s *Store) OpenSessions(ctx context.Context) (int64, error) {
	var n int64
	err := s.read(ctx).Raw("SELECT count(*) FROM conversations WHERE window_closes_at > ?", s.Now()).Scan(&n).Error
	return n, err
}

// SumInboxSteps sums up the steps of the counters where many have gathered. It changes no number.
func (s *Store) SumInboxSteps(ctx context.Context) error {
	return s.read(ctx).
		Exec(`WITH gone AS (DELETE FROM inbox_steps WHERE (SELECT count(*) FROM (SELECT 1 FROM inbox_steps LIMIT 1000) x) = 1000 RETURNING *)
		INSERT INTO inbox_steps SELECT list, assignee_id, sum(n) FROM gone GROUP BY 1, 2 HAVING sum(n) <> 0`).
		Error
}
