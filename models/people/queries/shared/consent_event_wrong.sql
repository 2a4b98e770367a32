-- What is wrong with an event x (consent_event_checked.sql) of the contact c, NULL if nothing is.
CASE WHEN x.hash IS DISTINCT FROM x.want
		OR x.erased_at IS NULL AND x.digest IS NOT NULL AND x.digest <> x.text_digest
		THEN 'its content is not what was recorded'
	WHEN x.erased_at IS NOT NULL AND c.gone <> 'erased'
		THEN 'its text was removed, and the person was not erased'
	WHEN x.prev_hash <> x.before THEN 'the event before it is not the one that was there' END
