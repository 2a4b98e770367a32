-- Records the messages that Twilio accepted, @list, and returns what to publish, and the messages whose status came
-- before their sid was known (early). A message that its own callback has settled meanwhile is left unchanged, and so
-- is one whose sid was given to another message with the same text.
WITH x AS (
	SELECT * FROM jsonb_to_recordset(CAST(@list AS jsonb)) AS x (id bigint, sid text)),
m AS (
	UPDATE messages m SET twilio_sid = x.sid, status = 'accepted', error_code = 0, error_message = ''
	FROM x WHERE m.id = x.id AND m.twilio_sid IS NULL AND m.status IN ('sending', 'in_doubt')
		AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.twilio_sid = x.sid)
	RETURNING m.id, x.sid, m.conversation_id, m.notification_id)
SELECT DISTINCT 0 AS id, '' AS sid, 'notification-' || n.public_id AS topic, false AS early
FROM m JOIN notifications n ON n.id = m.notification_id
UNION ALL
SELECT 0, '', 'conversation-' || v.public_id, false
FROM m JOIN conversations v ON v.id = m.conversation_id WHERE m.notification_id IS NULL
UNION ALL
SELECT m.id, m.sid, '', true
FROM m JOIN status_events e ON e.message_sid = m.sid AND e.message_id IS NULL
