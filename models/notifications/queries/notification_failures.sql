-- The failures of the notification @notification by Twilio's code, or by Parley's own reason where there is none.
SELECT m.error_code, CASE WHEN m.error_code = 0 THEN m.error_message ELSE '' END AS reason, count(*) AS n
FROM messages m
WHERE m.notification_id = @notification AND m.status IN ('failed', 'undelivered', 'refused')
	AND m.failed_at IS NOT NULL
GROUP BY 1, 2 ORDER BY n DESC LIMIT 20
