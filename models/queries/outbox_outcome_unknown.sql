-- The messages of the sender @sender to look up at Twilio: those that were looked up least, the oldest call first, so
-- that none that can't be settled keeps others waiting.
SELECT
\ir shared/outgoing_columns.sql
	, m.attempts, m.sending_at
FROM messages m
\ir shared/outgoing_joins.sql
WHERE m.sender_id = @sender AND m.status = 'in_doubt' AND a.id IS NOT NULL
ORDER BY m.lookups, m.sending_at, m.id LIMIT @n
