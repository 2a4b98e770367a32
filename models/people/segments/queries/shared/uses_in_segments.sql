-- The segments whose filter uses something, with their names if @user sees them.
	SELECT 'segment' AS kind, CASE WHEN g.shared OR g.owner_id = @user THEN g.public_id ELSE '' END AS id,
		CASE WHEN g.shared OR g.owner_id = @user THEN g.name ELSE '' END AS name
	FROM segments g WHERE CAST(g.filter AS text) LIKE @like
