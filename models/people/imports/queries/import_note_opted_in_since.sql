-- Lists the opt-outs of the import @id after whose day the person opted in.
INSERT INTO import_refusals AS x (import_id, line, field, value, reason, effect)
SELECT @id, r.line, 'consent', r.phone,
	'The person opted in on ' || to_char(c.consent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ', after the opt-out of '
	|| to_char(r.consent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' in the file, and stays opted in.', 'note'
FROM import_rows r
\ir shared/import_join.sql
WHERE r.import_id = @id AND r.consent = 'opted_out' AND
\ir shared/import_opted_in_since.sql
ON CONFLICT (import_id, line) DO UPDATE SET reason = x.reason || ' ' || excluded.reason
