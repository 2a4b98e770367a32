-- Sums up the steps of the counters where many have gathered. It changes no number.
WITH gone AS (
	DELETE FROM inbox_steps WHERE (SELECT count(*) FROM (SELECT 1 FROM inbox_steps LIMIT 1000) x) = 1000 RETURNING *)
INSERT INTO inbox_steps SELECT list, assignee_id, sum(n) FROM gone GROUP BY 1, 2 HAVING sum(n) <> 0
