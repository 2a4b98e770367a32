-- How long each step of a request for access took, in seconds, over all requests.
SELECT to_state AS state, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median, max(took) AS most
FROM (
	SELECT to_state, greatest(0, extract(epoch FROM
		lead(happened_at) OVER (PARTITION BY request_id ORDER BY id) - happened_at)) AS took
	FROM access_events WHERE from_state <> to_state) x
WHERE took IS NOT NULL GROUP BY 1
