-- The contacts among @ids, which the import @id added, that have messages, edits or consent events since.
SELECT c.id FROM contacts c WHERE c.id IN @ids AND (c.version > 1
	OR EXISTS (SELECT 1 FROM conversations v WHERE v.contact_id = c.id)
	OR EXISTS (SELECT 1 FROM consent_events e WHERE e.contact_id = c.id AND e.import_id IS DISTINCT FROM @id)
	OR EXISTS (SELECT 1 FROM contact_notes t WHERE t.contact_id = c.id)
	OR EXISTS (SELECT 1 FROM contact_files f WHERE f.contact_id = c.id))
