-- The rows r of a part of an import whose numbers belong to no contact yet.
FROM import_rows r WHERE
\ir import_part.sql
	AND NOT EXISTS (SELECT 1 FROM contact_addresses a WHERE a.match = r.match)
