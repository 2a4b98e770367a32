-- The public ids of the contacts among the recipients of the notification @notification that match @filter, a condition
-- on recipients r and messages m.
SELECT c.public_id FROM notification_recipients r
JOIN contacts c ON c.id = r.contact_id
LEFT JOIN messages m ON m.id = r.message_id
WHERE r.notification_id = @notification AND c.gone = '' AND @filter ORDER BY r.id LIMIT @n
