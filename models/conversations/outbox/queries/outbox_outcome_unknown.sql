-- The messages of the sender @sender to look up at Twilio: those with the fewest lookups first, then the oldest call,
-- so that messages that can't be settled don't hold up others.
SELECT
\ir shared/outgoing_columns.sql
	, m.attempts, m.sending_at
FROM messages m
\ir shared/outgoing_joins.sql
WHERE m.sender_id = @sender AND m.status = 'in_doubt' AND a.id IS NOT NULL
ORDER BY m.lookups, m.sending_at, m.id LIMIT @n
