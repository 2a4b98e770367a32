-- Adds the people of a part of the import @id who are not contacts yet.
INSERT INTO contacts (name, phone, language, country, time_zone, tags, fields, consent, consent_at, import_id,
	created_at)
SELECT r.name, r.phone, r.language, r.country, r.time_zone, r.tags, r.fields,
	CASE WHEN r.consent = '' THEN 'none' ELSE r.consent END,
	CASE WHEN r.consent <> '' THEN coalesce(r.consent_at, @now) END, @id, @now
\ir shared/import_fresh.sql
ORDER BY r.line RETURNING id, phone
