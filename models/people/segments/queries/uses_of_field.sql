-- The segments and notifications whose filter uses a field of contacts, as @user sees them.
SELECT * FROM (
\ir shared/uses_in_segments.sql
	UNION ALL
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
