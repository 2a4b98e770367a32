-- Sums up the steps. Reports stay exact meanwhile, because they read both.
WITH gone AS (DELETE FROM report_steps RETURNING *)
INSERT INTO report_days
SELECT day, sender_id, version_id, notification_id, measure, code, sum(n) FROM gone
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (day, sender_id, version_id, notification_id, measure, code) DO UPDATE SET n = report_days.n + excluded.n
