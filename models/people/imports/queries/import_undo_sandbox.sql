-- Makes joining the Sandbox count again for the contacts @contacts whose opt-in by the import @id was just withdrawn
-- (l): the latest join (j) that only opt-ins follow.
INSERT INTO consent_events (contact_id, kind, source, scope, proof, actor_id, occurred_at, import_id)
SELECT c.id, 'opted_in', 'undo', 'sandbox', CAST(@proof AS text) || ' Joining the Sandbox counts for the Sandbox.',
	CAST(@actor AS bigint), j.occurred_at, @id
FROM contacts c
JOIN LATERAL (SELECT id FROM consent_events e
	WHERE e.contact_id = c.id AND e.topic_id IS NULL AND e.kind = 'none' AND e.import_id = @id
	ORDER BY id DESC LIMIT 1) l ON true
JOIN LATERAL (SELECT occurred_at FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND
\ir shared/consent_for_sandbox.sql
	AND NOT EXISTS (SELECT 1 FROM consent_events n WHERE n.contact_id = c.id AND n.topic_id IS NULL
		AND n.id > e.id AND n.id <> l.id AND n.kind <> 'opted_in')
	ORDER BY id DESC LIMIT 1) j ON true
WHERE c.id IN @contacts AND NOT EXISTS (
	SELECT 1 FROM consent_events n WHERE n.contact_id = c.id AND n.topic_id IS NULL AND n.id > l.id)
