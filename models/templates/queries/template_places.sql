-- The latest notifications with the template @template, and how many recipients each has.
SELECT n.public_id, n.state, n.created_at,
	(SELECT count(*) FROM notification_recipients r WHERE r.notification_id = n.id) AS total
FROM notifications n WHERE n.version_id IN (SELECT id FROM template_versions WHERE template_id = @template)
ORDER BY n.id DESC LIMIT @n
