-- The end of the date of an import's row r: a date without a time is the whole day.
(CASE WHEN r.consent_at = date_trunc('day', r.consent_at, 'UTC')
	THEN r.consent_at + interval '1 day' - interval '1 microsecond' ELSE r.consent_at END)
