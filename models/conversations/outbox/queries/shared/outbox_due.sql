-- The first half of the claim: the due messages m of a sender, with why each may not be sent, NULL if it may.
	SELECT
\ir outgoing_columns.sql
		, m.attempts + 1 AS attempts, CAST(@now AS timestamptz) AS sending_at, m.priority, m.send_at, CASE
		WHEN n.state = 'canceled' THEN 'canceled'
		WHEN m.valid_until <= @now THEN 'too_late'
		WHEN c.blocked_at IS NOT NULL THEN 'blocked'
		WHEN s.kind = 'sandbox'
			AND coalesce(held.sandbox_joined_at, '-infinity') <= CAST(@joined_after AS timestamptz) THEN 'not_joined'
		WHEN t.unfillable <> '' OR m.variables = '{}' AND t.placeholders <> '[]' THEN 'unfillable'
		WHEN (m.version_id IS NULL OR m.session_only)
			AND coalesce(held.window_closes_at, '-infinity') <= @now THEN 'window_closed'
		WHEN a.id IS NULL THEN 'no_address'
		WHEN a.kind = 'other' THEN 'unknown_address'
		WHEN m.session_only AND t.state NOT IN ('draft', 'ready', 'approved') THEN 'not_approved'
		WHEN m.version_id IS NULL OR m.session_only THEN NULL
		WHEN p.topic_id IS NULL AND c.consent <> 'opted_in' THEN 'not_opted_in'
		WHEN p.topic_id IS NULL AND c.consent_scope = 'sandbox' AND s.kind <> 'sandbox' THEN 'sandbox_only'
		WHEN p.topic_id IS NOT NULL AND (@topic_consent) = 'sandbox_only' THEN 'sandbox_only'
		WHEN p.topic_id IS NOT NULL AND (@topic_consent) <> 'opted_in' THEN 'not_opted_in'
		WHEN t.state <> 'approved' THEN 'not_approved'
		WHEN coalesce(nullif(t.category, ''), p.category) = 'MARKETING' THEN 'promotion'
		WHEN s.kind = 'sandbox' AND NOT p.sandbox THEN 'not_in_sandbox'
		WHEN s.kind <> 'sandbox' AND p.sandbox THEN 'only_in_sandbox'
		END AS refusal
	FROM messages m
\ir outgoing_joins.sql
	CROSS JOIN LATERAL (SELECT m.address_id AS id) asked
\ir held.sql
	WHERE m.sender_id = @sender AND m.status = 'queued' AND m.send_at <= @now
		AND s.state = 'online' AND (n.id IS NULL OR n.state IN ('running', 'canceled', 'finished', 'expired'))
