-- Restores the values that the contacts @intact had before the import @id.
UPDATE contacts c SET name = h.before ->> 'name', language = h.before ->> 'language',
	time_zone = h.before ->> 'time_zone', fields = h.before -> 'fields',
	tags = ARRAY(SELECT CAST(t AS bigint) FROM jsonb_array_elements_text(h.before -> 'tags') t),
	version = c.version + 1, updated_at = now()
FROM import_changes h WHERE h.import_id = @id AND h.contact_id = c.id AND c.id IN @intact
