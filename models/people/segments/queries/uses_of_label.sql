-- Where the label @id of conversations is used besides on them, as @user sees it.
SELECT * FROM (
	SELECT 'list' AS kind, '' AS id, CASE WHEN f.user_id = @user THEN f.name ELSE '' END AS name
	FROM inbox_filters f WHERE '&' || f.query || '&' LIKE '%&label=' || @id || '&%'
	UNION ALL
	SELECT 'macro', m.public_id, m.name FROM macros m WHERE CAST(m.actions AS text) LIKE @like
) u ORDER BY kind, name, id LIMIT 50
