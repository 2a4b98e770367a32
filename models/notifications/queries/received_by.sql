-- The latest @n notifications to the contact @contact and those that were merged into it.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT n.public_id, p.name AS template, n.created_at, r.excluded, coalesce(m.status, '') AS status
FROM notification_recipients r
JOIN notifications n ON n.id = r.notification_id
JOIN template_versions v ON v.id = n.version_id JOIN templates p ON p.id = v.template_id
LEFT JOIN messages m ON m.id = r.message_id
WHERE r.contact_id IN (SELECT id FROM family) ORDER BY r.id DESC LIMIT @n
