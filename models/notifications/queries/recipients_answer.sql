-- Marks the notification that the contact of the conversation @conversation replies to, if they got one after @since,
-- counts the reply, and returns the notification's public id and its template's name.
WITH last AS (
	SELECT m.id, m.notification_id, m.sender_id, m.version_id, coalesce(m.sending_at, m.created_at) AS at
	FROM (SELECT CAST(@conversation AS bigint) AS id) v CROSS JOIN LATERAL
\ir shared/last_template.sql
	m),
answered AS (
	UPDATE notification_recipients r SET replied_at = @now FROM last l
	WHERE r.message_id = l.id AND r.replied_at IS NULL AND l.at > @since RETURNING l.*),
counted AS (
	INSERT INTO report_steps
	SELECT CAST(at AT TIME ZONE 'UTC' AS date), sender_id, coalesce(version_id, 0), notification_id, 'replied', 0, 1
	FROM answered)
SELECT n.public_id, t.name FROM last l
JOIN notifications n ON n.id = l.notification_id
JOIN template_versions v ON v.id = l.version_id JOIN templates t ON t.id = v.template_id
WHERE l.at > @since
