-- The consent of the contact c for the topic @topic, towards the Sandbox or another sender (@sandbox): a general
-- opt-out counts for all topics, and an event about the topic counts before the general opt-in. An opt-in for the
-- Sandbox alone is sandbox_only towards every other sender. Go uses it as consentTo.
CASE WHEN c.consent = 'opted_out' THEN 'opted_out'
	WHEN c.opted_out_at IS NOT NULL AND NOT (@sandbox) THEN 'sandbox_only'
	ELSE coalesce((SELECT nullif(ct.consent, 'none') FROM contact_topics ct
			WHERE ct.contact_id = c.id AND ct.topic_id = @topic),
		CASE WHEN c.consent_scope = 'sandbox' AND NOT (@sandbox) THEN 'sandbox_only' ELSE c.consent END) END
