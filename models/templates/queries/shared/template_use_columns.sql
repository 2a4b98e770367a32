-- The reports' counts of some versions r, added up. Messages that went well left the queue and neither failed nor were
-- held back. @week is the day a week ago.
	CAST(coalesce(sum(CASE WHEN r.measure = 'settled' THEN r.n
		WHEN r.measure IN ('failed', 'refused', 'canceled') THEN -r.n END), 0) AS bigint) AS sent,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'delivered'), 0) AS bigint) AS delivered,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'read'), 0) AS bigint) AS read,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'failed'), 0) AS bigint) AS failed,
	CAST(coalesce(sum(CASE WHEN r.measure = 'settled' THEN r.n
		WHEN r.measure IN ('failed', 'refused', 'canceled') THEN -r.n END)
		FILTER (WHERE r.day < @week), 0) AS bigint) AS sent_before,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'failed' AND r.day < @week), 0) AS bigint) AS failed_before
