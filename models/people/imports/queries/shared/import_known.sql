-- The rows r of a part of an import that have new values for an existing contact c. @profile_differs is the condition
-- that a row changes the profile.
FROM import_rows r
\ir import_join.sql
WHERE
\ir import_part.sql
	AND c.id IS NOT NULL AND (@profile_differs OR
\ir import_consent_differs.sql
	)
