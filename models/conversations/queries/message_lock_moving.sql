-- The messages with the sids @sids, a list in JSON, locked in the order of their ids, like every transaction that locks
-- several.
SELECT m.id, m.twilio_sid, m.status, v.public_id AS conversation, coalesce(n.public_id, '') AS notification
FROM messages m JOIN conversations v ON v.id = m.conversation_id
LEFT JOIN notifications n ON n.id = m.notification_id
WHERE m.twilio_sid = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(@sids AS jsonb))))
ORDER BY m.id FOR UPDATE OF m
