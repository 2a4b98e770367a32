-- All notifications that a person who asks what is stored got, or was left out of.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT p.name AS template, coalesce(m.status, '') AS status, r.excluded, n.created_at
FROM notification_recipients r
JOIN notifications n ON n.id = r.notification_id
JOIN template_versions v ON v.id = n.version_id JOIN templates p ON p.id = v.template_id
LEFT JOIN messages m ON m.id = r.message_id
WHERE r.contact_id IN (SELECT id FROM family) ORDER BY r.id
