-- The numbers of the sidebar, the inbox's tabs and Home as @user sees them. The lists' numbers are summed from steps
-- that the database adds with every change, so that this costs the same with a hundred thousand open conversations as
-- with ten.
SELECT v.*, t.*,
	(SELECT count(*) FROM conversations WHERE state = 'open' AND waiting_since IS NOT NULL
		AND window_closes_at > @now AND window_closes_at <= @soon) AS closing,
	(SELECT count(*) FROM mentions WHERE user_id = @user AND seen_at IS NULL) AS mentions,
	(SELECT count(*) FROM later_replies WHERE author_id = @user AND state IN ('ready', 'refused')) AS later
FROM (
	SELECT coalesce(sum(n) FILTER (WHERE list = 'open'), 0) AS all,
		coalesce(sum(n) FILTER (WHERE list = 'open' AND assignee_id = @user), 0) AS mine,
		coalesce(sum(n) FILTER (WHERE list = 'open' AND assignee_id IS NULL), 0) AS unassigned,
		coalesce(sum(n) FILTER (WHERE list = 'waiting'), 0) AS waiting,
		coalesce(sum(n) FILTER (WHERE list = 'failed'), 0) AS failed,
		coalesce(sum(n) FILTER (WHERE list = 'snoozed'), 0) AS snoozed,
		coalesce(sum(n) FILTER (WHERE list = 'resolved'), 0) AS resolved,
		coalesce(sum(n) FILTER (WHERE list = 'unread' AND (assignee_id IS NULL OR assignee_id = @user)), 0) AS unread
	FROM inbox_steps) v, (
	SELECT count(*) FILTER (WHERE state IN ('submitted', 'pending')) AS approvals_pending,
		count(*) FILTER (WHERE state = 'rejected' AND NOT EXISTS (SELECT 1 FROM template_versions n
			WHERE n.template_id = x.template_id AND n.language = x.language
				AND n.number > x.number)) AS approvals_rejected
	FROM template_versions x WHERE state IN ('submitted', 'pending', 'rejected')) t
