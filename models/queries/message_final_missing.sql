-- The next messages to ask Twilio about, which it took between @oldest and @latest and has told nothing final about:
-- those that were never asked about on top, each again after as long as it has been known, at most six hours.
SELECT id, twilio_sid FROM messages
WHERE status IN ('accepted', 'sent') AND sending_at < @latest AND sending_at > @oldest AND twilio_sid IS NOT NULL
	AND (asked_at IS NULL OR asked_at + least(asked_at - sending_at, interval '6 hours') < @now)
ORDER BY asked_at NULLS FIRST, sending_at LIMIT @n
