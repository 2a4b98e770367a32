-- The next contacts that the import @id changed, locked, with their previous values, and whether nobody has changed
-- them since.
SELECT h.contact_id, CAST(h.before AS text) AS before,
	c.version = h.version AND c.gone = '' AND h.before <> '{}' AS intact
FROM import_changes h JOIN contacts c ON c.id = h.contact_id
WHERE h.import_id = @id ORDER BY h.contact_id LIMIT @n FOR UPDATE OF c
