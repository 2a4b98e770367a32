-- The next messages to ask Twilio about, which it accepted between @oldest and @latest and has reported no final status
-- for: those that were never asked about first, the others again after as long as their age, at most six hours.
SELECT id, twilio_sid FROM messages
WHERE status IN ('accepted', 'sent') AND sending_at < @latest AND sending_at > @oldest AND twilio_sid IS NOT NULL
	AND (asked_at IS NULL OR asked_at + least(asked_at - sending_at, interval '6 hours') < @now)
ORDER BY asked_at NULLS FIRST, sending_at LIMIT @n
