-- The inbox's results since @since: first replies (r), ratings (g) and resolved chats (d), by user, and in total in the
-- last row.
WITH r AS (
	SELECT coalesce(user_id, 0) AS u, GROUPING(user_id) AS whole, count(*) AS replies,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at)) AS median_seconds,
		count(*) FILTER (WHERE in_time) AS in_time, count(*) FILTER (WHERE NOT in_time) AS late
	FROM responses WHERE answered_at >= @since GROUP BY ROLLUP (user_id)),
g AS (
	SELECT coalesce(user_id, 0) AS u, GROUPING(user_id) AS whole, count(*) AS asked,
		count(*) FILTER (WHERE score = 3) AS good, count(*) FILTER (WHERE score = 2) AS mid,
		count(*) FILTER (WHERE score = 1) AS bad
	FROM ratings WHERE asked_at >= @since GROUP BY ROLLUP (user_id)),
d AS (
	SELECT coalesce(user_id, 0) AS u, GROUPING(user_id) AS whole, count(*) AS resolved FROM conversation_events
	WHERE kind = 'state' AND after->>'state' = 'resolved' AND created_at >= @since AND undone_at IS NULL
	GROUP BY ROLLUP (user_id)),
k AS (SELECT u, whole FROM r UNION SELECT u, whole FROM g UNION SELECT u, whole FROM d)
SELECT CASE WHEN k.whole = 1 THEN '' ELSE coalesce(users.name, 'Automation') END AS name,
	coalesce(r.replies, 0) AS replies, coalesce(r.median_seconds, 0) AS median_seconds,
	coalesce(r.in_time, 0) AS in_time, coalesce(r.late, 0) AS late, coalesce(g.asked, 0) AS asked,
	coalesce(g.good, 0) AS good, coalesce(g.mid, 0) AS mid, coalesce(g.bad, 0) AS bad,
	coalesce(d.resolved, 0) AS resolved
FROM k LEFT JOIN r USING (u, whole) LEFT JOIN g USING (u, whole) LEFT JOIN d USING (u, whole)
LEFT JOIN users ON users.id = k.u ORDER BY k.whole, users.name
