-- The audience of the notification @notification in the order in which it was evaluated. @filter is the condition of a
-- RecipientFilter on recipients r and messages m.
SELECT r.id, r.line, r.excluded, r.address, r.replied_at,
	coalesce(c.id, 0) AS contact_id, coalesce(c.public_id, '') AS contact_public_id, coalesce(c.name, '') AS name,
	coalesce(c.profile_name, '') AS profile_name, coalesce(x.address, c.phone, '') AS phone,
	coalesce(v.public_id, '') AS conversation_public_id, coalesce(m.public_id, '') AS message_public_id,
	coalesce(m.status, '') AS status, coalesce(m.error_code, 0) AS error_code,
	coalesce(m.error_message, '') AS error_message,
	m.send_at, m.sending_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.asked_at
FROM notification_recipients r
LEFT JOIN contacts c ON c.id = r.contact_id
LEFT JOIN messages m ON m.id = r.message_id
LEFT JOIN conversations v ON v.id = m.conversation_id
LEFT JOIN contact_addresses x ON x.id = m.address_id AND x.kind = 'phone'
WHERE r.notification_id = @notification AND r.id > @after AND @filter ORDER BY r.id LIMIT @n
