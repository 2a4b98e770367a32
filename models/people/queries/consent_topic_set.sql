-- Makes a consent event about a topic the contact's consent with it.
INSERT INTO contact_topics (contact_id, topic_id, consent, consent_at) VALUES (@contact, @topic, @consent, @at)
ON CONFLICT (contact_id, topic_id) DO UPDATE
	SET consent = excluded.consent, consent_at = excluded.consent_at
