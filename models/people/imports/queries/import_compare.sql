-- Counts what the rows of the import @id would do. @profile_differs is the condition that a row changes a contact's
-- profile, which depends on whether the file overwrites what is there.
SELECT count(*) FILTER (WHERE c.id IS NULL) AS new,
	count(*) FILTER (WHERE @profile_differs OR w.differs) AS changed,
	count(*) FILTER (WHERE r.consent = 'opted_in' AND (c.id IS NULL OR w.differs)) AS opt_ins,
	count(*) FILTER (WHERE r.consent = 'opted_out' AND (c.id IS NULL OR w.differs)) AS opt_outs,
	count(*) FILTER (WHERE r.consent = 'opted_in'
		AND (c.consent = 'opted_out' OR c.opted_out_at IS NOT NULL)) AS kept_out,
	count(*) FILTER (WHERE r.consent = 'opted_out' AND
\ir shared/import_opted_in_since.sql
		) AS kept_in,
	count(*) AS same
FROM import_rows r
\ir shared/import_join.sql
CROSS JOIN LATERAL (SELECT
\ir shared/import_consent_differs.sql
	AS differs) w
WHERE r.import_id = @id
