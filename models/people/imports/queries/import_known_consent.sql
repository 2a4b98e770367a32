-- Writes the consent events of a part of the import @id for people who are contacts already. It runs before
-- import_known_change, because it needs the previous consent.
INSERT INTO consent_events (contact_id, kind, source, proof, wording, actor_id, occurred_at, import_id, file_id)
SELECT c.id,
\ir shared/import_consent_event.sql
FROM import_rows r
\ir shared/import_join.sql
WHERE
\ir shared/import_part.sql
	AND c.id IS NOT NULL AND
\ir shared/import_consent_differs.sql
