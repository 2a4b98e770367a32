-- Counts the refusals among the messages @ids on their conversations and returns what to publish, in one statement for
-- any number.
WITH m AS (
	SELECT conversation_id, notification_id, status FROM messages WHERE id = ANY(CAST(@ids AS bigint[]))),
c AS (
	UPDATE conversations v SET failed_count = failed_count + x.n
	FROM (SELECT conversation_id, count(*) AS n FROM m WHERE status = 'refused' GROUP BY 1) x
	WHERE v.id = x.conversation_id RETURNING v.public_id)
SELECT 'row-' || public_id FROM c
UNION ALL
SELECT DISTINCT 'conversation-' || v.public_id FROM m JOIN conversations v ON v.id = m.conversation_id
WHERE m.notification_id IS NULL
UNION ALL
SELECT DISTINCT 'notification-' || n.public_id FROM m JOIN notifications n ON n.id = m.notification_id
