-- All messages of the conversation of the message @message that Twilio may have accepted without our knowing, in the
-- order of their calls. Any of them may be the one that Twilio lists.
SELECT
\ir shared/outgoing_columns.sql
	, m.attempts, m.sending_at, m.status
FROM messages m
\ir shared/outgoing_joins.sql
WHERE m.conversation_id = (SELECT conversation_id FROM messages WHERE id = @message)
	AND m.status IN ('sending', 'in_doubt') AND a.id IS NOT NULL
ORDER BY m.sending_at, m.id
