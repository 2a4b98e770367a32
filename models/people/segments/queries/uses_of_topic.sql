-- Where the topic @id of consent is used, as @user sees it.
SELECT * FROM (
\ir shared/uses_in_segments.sql
	UNION ALL
	SELECT 'optin', o.public_id, o.name FROM optin_sources o JOIN topics t ON t.id = o.topic_id
	WHERE t.public_id = @id AND o.closed_at IS NULL
	UNION ALL
	SELECT 'template', m.public_id, m.name FROM templates m JOIN topics t ON t.id = m.topic_id
	WHERE t.public_id = @id AND m.deleted_at IS NULL AND m.archived_at IS NULL
	UNION ALL
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
