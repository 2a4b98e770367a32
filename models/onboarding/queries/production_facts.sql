-- The numbers that the move to production and the first steps are checked against, in one query.
SELECT
	(SELECT count(*) FROM contacts WHERE consent = 'opted_in' AND gone = '') AS opted_in,
	(SELECT count(*) FROM contacts WHERE consent_scope = 'sandbox' AND gone = '') AS only_joined,
	(SELECT count(DISTINCT t.id) FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE NOT t.sandbox AND t.deleted_at IS NULL AND v.state = 'approved'
			AND coalesce(nullif(v.category, ''), t.category) <> 'MARKETING') AS approved,
	(SELECT count(DISTINCT t.id) FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE NOT t.sandbox AND t.deleted_at IS NULL AND v.state IN ('submitted', 'pending')) AS in_review,
	(SELECT count(*) FROM conversations v JOIN senders s ON s.id = v.sender_id
		WHERE s.kind = 'sandbox' AND v.window_closes_at > @now) AS sandbox_open,
	(SELECT count(*) FROM conversations WHERE sandbox_joined_at > @since) AS joined,
	(SELECT count(*) FROM messages m JOIN senders s ON s.id = m.sender_id
		WHERE s.kind = 'sandbox' AND m.status = 'queued') AS queued_at_sandbox,
	EXISTS (SELECT 1 FROM messages WHERE direction = 'inbound') AS inbound,
	EXISTS (SELECT 1 FROM messages WHERE direction = 'outbound' AND author_id IS NOT NULL
		AND status IN ('accepted', 'sent', 'delivered', 'read')) AS outbound_reply,
	EXISTS (SELECT 1 FROM consent_events
		WHERE kind = 'opted_in' AND scope = 'all' AND source <> 'sandbox_join') AS recorded_optin,
	EXISTS (SELECT 1 FROM access_requests WHERE state NOT IN ('draft', 'ready')) AS access_sent
