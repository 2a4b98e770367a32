-- The segments and notifications whose filter says something about a field of contacts, as @user sees it.
SELECT * FROM (
\ir shared/uses_in_segments.sql
	UNION ALL
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
