-- Withdraws the opt-ins of the import @id that still count for the contacts @contacts: those that are the contact's
-- latest event, not counting joins of the Sandbox. The import's opt-outs stay, and so do opt-ins to the Sandbox alone.
INSERT INTO consent_events (contact_id, kind, source, proof, actor_id, occurred_at, import_id)
SELECT c.id, 'none', 'undo', CAST(@proof AS text), CAST(@actor AS bigint), @now, @id
FROM contacts c
JOIN LATERAL (SELECT kind, import_id FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND NOT
\ir shared/consent_for_sandbox.sql
	ORDER BY e.id DESC LIMIT 1) l ON true
WHERE c.id IN @contacts AND l.kind = 'opted_in' AND l.import_id = @id
