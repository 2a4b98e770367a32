-- Where the tag @id is used besides on contacts, as @user sees it. @like finds it in filters and audiences.
SELECT * FROM (
\ir shared/uses_in_segments.sql
	UNION ALL
	SELECT 'optin', o.public_id, o.name FROM optin_sources o JOIN tags t ON t.id = o.tag_id
	WHERE t.public_id = @id AND o.closed_at IS NULL
	UNION ALL
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
