-- The ways in which people who are still opted in have opted in, the most frequent first. Joining the Sandbox proves
-- nothing to WhatsApp and is left out, and so is every opt-in that the person did not make themselves.
SELECT source, wording, count(DISTINCT contact_id) AS people, max(at) AS latest FROM (
	SELECT e.source, CASE WHEN e.source IN ('web_form', 'api', 'keyword') THEN e.wording ELSE '' END AS wording,
		e.contact_id, e.occurred_at AS at
	FROM consent_events e JOIN contacts c ON c.id = e.contact_id
	WHERE e.kind = 'opted_in' AND e.scope = 'all' AND c.consent = 'opted_in' AND c.consent_scope = 'all'
		AND e.source IN ('web_form', 'paper', 'import', 'api', 'keyword', 'by_hand', 'inbound_message')) x
GROUP BY source, wording ORDER BY people DESC, latest DESC LIMIT 12
