-- The lists' numbers for everybody at once, for the live updates: by list and assignee (0: nobody).
SELECT list, coalesce(assignee_id, 0) AS assignee_id, sum(n) AS n FROM inbox_steps GROUP BY 1, 2
UNION ALL
SELECT 'closing', 0, count(*) FROM conversations
WHERE state = 'open' AND waiting_since IS NOT NULL AND window_closes_at > @now AND window_closes_at <= @soon
UNION ALL
SELECT 'mentions', user_id, count(*) FROM mentions WHERE seen_at IS NULL GROUP BY user_id
