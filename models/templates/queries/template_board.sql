-- The newest @n cards of each column of the board: the latest version v of each template t and language that matches
-- @filter, by state, with how many there are in the column.
WITH p AS MATERIALIZED (SELECT * FROM (
	SELECT
\ir shared/template_columns.sql
		, b."column", row_number() OVER (PARTITION BY b."column" ORDER BY v.updated_at DESC, v.id DESC) AS place,
		count(*) OVER (PARTITION BY b."column") AS total
	FROM template_versions v JOIN templates t ON t.id = v.template_id
	CROSS JOIN LATERAL (SELECT CASE
		WHEN v.state IN ('submitted', 'pending') THEN 'review'
		WHEN v.state IN ('paused', 'disabled') THEN 'stopped'
		WHEN v.state = 'ready' THEN 'approved'
		ELSE v.state END AS "column") b
	WHERE @filter AND
\ir shared/template_latest.sql
	) x WHERE place <= @n)
\ir shared/template_page.sql
ORDER BY p.place
