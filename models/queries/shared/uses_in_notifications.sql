-- The notifications that still have to be put together, and whose audience or fills say something: what changes now
-- changes whom they reach.
	SELECT CASE WHEN s.id IS NULL THEN 'notification' ELSE 'schedule' END AS kind, n.public_id AS id, n.name
	FROM notifications n LEFT JOIN schedules s ON s.pattern_id = n.id AND s.stopped_at IS NULL
	WHERE (n.state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing') OR s.id IS NOT NULL)
		AND CAST(n.audience AS text) || CAST(n.fills AS text) LIKE @like
