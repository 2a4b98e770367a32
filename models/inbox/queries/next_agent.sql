-- Who gets the next conversation: of the users who are present and available and have fewer than @limit open ones (0:
-- no limit), the one whose last assignment is the longest ago.
SELECT u.id FROM users u
JOIN user_presence p ON p.user_id = u.id AND p.seen_at > now() - CAST(@present AS interval)
WHERE u.disabled_at IS NULL AND u.availability = 'available' AND (@limit = 0 OR (
	SELECT coalesce(sum(n), 0) FROM inbox_steps WHERE list = 'open' AND assignee_id = u.id) < @limit)
ORDER BY u.last_assigned_at NULLS FIRST, u.id LIMIT 1
