-- Writes the consent events of a part of the import @id for people who are contacts already. It comes before
-- import_known_change: it needs the consent as it was.
INSERT INTO consent_events (contact_id, kind, source, proof, wording, actor_id, occurred_at, import_id, file_id)
SELECT c.id,
\ir shared/import_consent_event.sql
FROM import_rows r
\ir shared/import_join.sql
WHERE
\ir shared/import_part.sql
	AND c.id IS NOT NULL AND
\ir shared/import_consent_differs.sql
