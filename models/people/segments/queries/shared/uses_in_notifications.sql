-- The notifications whose audience is still to be evaluated and whose audience or fills use something: a change of it
-- now changes who gets them.
	SELECT CASE WHEN s.id IS NULL THEN 'notification' ELSE 'schedule' END AS kind, n.public_id AS id, n.name
	FROM notifications n LEFT JOIN schedules s ON s.pattern_id = n.id AND s.stopped_at IS NULL
	WHERE (n.state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing') OR s.id IS NOT NULL)
		AND CAST(n.audience AS text) || CAST(n.fills AS text) LIKE @like
