-- The counts r that match @filter, added up by the column @by, with the category of what was sent.
SELECT x.k, x.measure, x.code, coalesce(nullif(c.category, ''), ct.category, '') AS category, x.n
FROM (
	SELECT @by AS k, CASE WHEN r.measure = 'to' THEN r.version_id END AS sent_as, r.measure,
		CASE WHEN r.measure IN ('delivered_in', 'read_in', 'to') THEN r.code ELSE 0 END AS code, sum(r.n) AS n
	FROM (SELECT * FROM report_days UNION ALL SELECT * FROM report_steps) r
	WHERE @filter GROUP BY 1, 2, 3, 4) x
LEFT JOIN template_versions c ON c.id = x.sent_as LEFT JOIN templates ct ON ct.id = c.template_id
