-- Removes at most @n files that are older than @before and returns their names.
WITH old AS (
	SELECT id, file, thumb FROM media_files WHERE created_at < @before AND file <> ''
	ORDER BY id LIMIT @n FOR UPDATE SKIP LOCKED),
gone AS (
	UPDATE media_files m SET file = '', thumb = '', error = 'Removed after its time.', access_key = ''
	FROM old WHERE m.id = old.id)
SELECT file FROM old UNION ALL SELECT thumb FROM old WHERE thumb <> ''
