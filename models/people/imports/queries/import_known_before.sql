-- Stores the previous values of the contacts that a part of the import @id changes, for undoing it.
INSERT INTO import_changes (import_id, contact_id, before, version)
SELECT @id, c.id, jsonb_build_object('name', c.name, 'language', c.language, 'time_zone', c.time_zone,
	'fields', c.fields, 'tags', to_jsonb(c.tags), 'consent', c.consent), c.version + 1
\ir shared/import_known.sql
ON CONFLICT DO NOTHING
