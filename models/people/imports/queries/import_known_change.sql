-- Changes the contacts that a part of the import @id has new values for. @name, @language, @time_zone and @fields are
-- the expressions of importSets, and @profile_differs is the condition that a row changes the profile.
UPDATE contacts c SET name = @name, language = @language, time_zone = @time_zone, fields = @fields,
	tags = CASE WHEN c.tags @> r.tags THEN c.tags
		ELSE (SELECT array_agg(DISTINCT t) FROM unnest(c.tags || r.tags) t) END,
	consent = CASE WHEN
\ir shared/import_consent_differs.sql
		THEN r.consent ELSE c.consent END,
	consent_at = CASE WHEN
\ir shared/import_consent_differs.sql
		THEN coalesce(r.consent_at, @now) ELSE c.consent_at END,
	consent_scope = CASE WHEN
\ir shared/import_consent_differs.sql
		THEN 'all' ELSE c.consent_scope END,
	opted_out_at = CASE WHEN
\ir shared/import_consent_differs.sql
		THEN NULL ELSE c.opted_out_at END,
	version = c.version + 1, updated_at = now()
FROM import_rows r JOIN contact_addresses a ON a.match = r.match
WHERE c.id = a.contact_id AND
\ir shared/import_part.sql
	AND (@profile_differs OR
\ir shared/import_consent_differs.sql
	)
