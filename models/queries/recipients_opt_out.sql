-- Counts an opt-out of the contact @contact against the template that they got last, if that was after @since.
INSERT INTO report_steps
SELECT CAST(coalesce(m.sending_at, m.created_at) AT TIME ZONE 'UTC' AS date), m.sender_id, coalesce(m.version_id, 0),
	coalesce(m.notification_id, 0), 'opted_out', 0, 1
FROM conversations v CROSS JOIN LATERAL
\ir shared/last_template.sql
	m
WHERE v.contact_id = @contact AND m.created_at > @since ORDER BY m.id DESC LIMIT 1
