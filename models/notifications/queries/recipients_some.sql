-- Three people who get the notification @notification: from the beginning, the middle and the end of the list.
WITH ends AS (
	SELECT min(id) AS low, max(id) AS high FROM notification_recipients
	WHERE notification_id = @notification AND excluded = '')
SELECT id, contact_id, columns FROM notification_recipients WHERE id IN (
	SELECT low FROM ends UNION SELECT high FROM ends UNION (
		SELECT r.id FROM notification_recipients r, ends
		WHERE r.notification_id = @notification AND r.excluded = '' AND r.id >= (low + high) / 2
		ORDER BY r.id LIMIT 1))
ORDER BY id
