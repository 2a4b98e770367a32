-- Removes the content of at most @n messages after @after that are older than @before. Their times and states stay.
WITH old AS (
	SELECT id FROM messages WHERE created_at < @before AND erased_at IS NULL AND id > @after
	ORDER BY id LIMIT @n FOR UPDATE SKIP LOCKED)
UPDATE messages m SET body = '', details = '{}', variables = '{}', latitude = NULL, longitude = NULL, label = '',
	hint = '', erased_at = now()
FROM old WHERE m.id = old.id RETURNING m.id
