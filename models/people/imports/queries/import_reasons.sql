-- The reasons for which lines of the import @id are listed, the most frequent first. Reasons that differ only in the
-- lines and days that they name count as one.
SELECT field, reason, count(*) AS n, min(line) AS line FROM (
	SELECT field, line, regexp_replace(regexp_replace(
		regexp_replace(reason, 'line [0-9]+', 'another line', 'g'), '^Line [0-9]+', 'Another line'),
		' o[fn] [0-9]{4}-[0-9]{2}-[0-9]{2}', '', 'g') AS reason
	FROM import_refusals WHERE import_id = @id) x
GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20
