-- Makes the latest event of the contacts @contacts their consent, if it was written by undoing an import.
UPDATE contacts c SET consent = l.kind, consent_scope = l.scope, consent_at = l.occurred_at, opted_out_at = NULL
FROM (
	SELECT DISTINCT ON (e.contact_id) e.contact_id, e.kind, e.scope, e.source, e.occurred_at
	FROM consent_events e JOIN contacts c ON c.id = e.contact_id
	WHERE c.id IN @contacts AND e.topic_id IS NULL ORDER BY e.contact_id, e.id DESC) l
WHERE l.contact_id = c.id AND l.source = 'undo'
