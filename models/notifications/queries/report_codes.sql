-- The failures that match @filter, a condition on the counts r, by code.
SELECT r.code AS error_code, sum(r.n) AS n
FROM (SELECT * FROM report_days UNION ALL SELECT * FROM report_steps) r
WHERE @filter GROUP BY 1 HAVING sum(r.n) > 0 ORDER BY 2 DESC LIMIT 30
