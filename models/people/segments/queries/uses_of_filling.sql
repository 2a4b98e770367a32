-- The templates and notifications that are filled with a field of contacts.
SELECT * FROM (
	SELECT DISTINCT 'template' AS kind, t.public_id AS id, t.name
	FROM template_versions v JOIN templates t ON t.id = v.template_id
	WHERE t.deleted_at IS NULL AND t.archived_at IS NULL AND CAST(v.placeholders AS text) LIKE @like
	UNION ALL
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
