-- Inconsistencies in the consent ledger that only a change from outside the program can cause: events whose text, hash
-- or link to the one before is wrong, and contacts whose consent state, in general or for a topic, is not what their
-- events say, which finds events removed from the end. The consent state is whatsapp.ConsentState: the last event that
-- is not an opt-in for the Sandbox alone (l), and the last opt-in for the Sandbox after it (j), which counts unless (l)
-- was an opt-in. event_id is 0 where the problem is the contact's consent as a whole.
SELECT x.id AS event_id, x.public_id AS contact_public_id, x.what FROM (
	SELECT x.id, c.public_id,
\ir shared/consent_event_wrong.sql
		AS what
	FROM (
\ir shared/consent_event_checked.sql
	) x JOIN contacts c ON c.id = x.contact_id) x
WHERE x.what IS NOT NULL
UNION ALL
SELECT 0, c.public_id, CASE
	WHEN c.consent <> c.want THEN 'the contact is ' || c.consent || ', and the last event says '
		|| CASE c.want WHEN 'none' THEN 'nothing' ELSE c.want END
	WHEN c.consent_scope <> c.want_scope THEN 'the contact’s consent is for ' || c.consent_scope
		|| ', and the events say ' || c.want_scope
	ELSE 'the contact’s opt-out beside the Sandbox is not what the events say' END
FROM (
	SELECT c.public_id, c.consent, c.consent_scope, c.opted_out_at,
		CASE WHEN j.id IS NULL THEN coalesce(l.kind, 'none') ELSE 'opted_in' END AS want,
		CASE WHEN j.id IS NULL THEN 'all' ELSE 'sandbox' END AS want_scope,
		CASE WHEN j.id IS NOT NULL AND l.kind = 'opted_out' THEN l.occurred_at END AS want_out
	FROM contacts c
	LEFT JOIN LATERAL (SELECT id, kind, occurred_at FROM consent_events e
		WHERE e.contact_id = c.id AND e.topic_id IS NULL AND NOT
\ir shared/consent_for_sandbox.sql
		ORDER BY id DESC LIMIT 1) l ON true
	LEFT JOIN LATERAL (SELECT id FROM consent_events e
		WHERE e.contact_id = c.id AND e.topic_id IS NULL AND
\ir shared/consent_for_sandbox.sql
		AND e.id > coalesce(l.id, 0) AND l.kind IS DISTINCT FROM 'opted_in' ORDER BY id DESC LIMIT 1) j ON true
) c WHERE c.consent <> c.want OR c.consent_scope <> c.want_scope OR c.opted_out_at IS DISTINCT FROM c.want_out
UNION ALL
SELECT 0, c.public_id, 'the contact is ' || t.consent || ' to a topic, and the last event says '
	|| coalesce(l.kind, 'nothing')
FROM contact_topics t JOIN contacts c ON c.id = t.contact_id
LEFT JOIN LATERAL (SELECT kind FROM consent_events e
	WHERE e.contact_id = t.contact_id AND e.topic_id = t.topic_id ORDER BY id DESC LIMIT 1) l ON true
WHERE c.gone = '' AND t.consent <> coalesce(l.kind, 'none')
ORDER BY 1, 2
