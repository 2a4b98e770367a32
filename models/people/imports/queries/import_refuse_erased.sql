-- Removes erased people from the import @id. They stay opted out, whatever a file says.
WITH gone AS (
	DELETE FROM import_rows r USING erasures e WHERE r.import_id = @id AND r.erasure = e.hash RETURNING r.line)
INSERT INTO import_refusals AS x (import_id, line, field, value, reason)
SELECT @id, line, 'phone', '', 'This person asked to be erased and stays so.' FROM gone
ON CONFLICT (import_id, line) DO UPDATE
	SET effect = 'refused', field = excluded.field, value = '', reason = excluded.reason
