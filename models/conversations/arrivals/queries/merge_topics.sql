-- The topic consents of the contact @drop that @keep has to take over: an opt-out counts, else the later event.
SELECT d.topic_id, d.consent, d.consent_at
FROM contact_topics d LEFT JOIN contact_topics k ON k.topic_id = d.topic_id AND k.contact_id = @keep
WHERE d.contact_id = @drop AND d.consent <> 'none' AND (k.contact_id IS NULL OR k.consent <> d.consent
	AND (d.consent = 'opted_out' OR k.consent <> 'opted_out' AND d.consent_at > k.consent_at))
