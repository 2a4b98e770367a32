-- The failures since @since by Twilio's code, or by Parley's own reason where there is none, the latest first, each
-- with the conversation of the latest one.
SELECT x.*, v.public_id AS conversation_public_id FROM (
	SELECT coalesce(error_code, 0) AS error_code,
		CASE WHEN coalesce(error_code, 0) = 0 THEN error_message ELSE '' END AS reason,
		count(*) AS n, max(failed_at) AS latest,
		(array_agg(conversation_id ORDER BY failed_at DESC))[1] AS conversation_id
	FROM messages WHERE failed_at > @since AND status IN ('failed', 'undelivered', 'refused') GROUP BY 1, 2) x
JOIN conversations v ON v.id = x.conversation_id ORDER BY latest DESC LIMIT 20
