-- Counts the listed lines of the import @id. A line of which only the opt-out is imported has a row, or its opt-out is
-- in the row of another line.
SELECT count(*) FILTER (WHERE r.line IS NULL) AS refused,
	count(*) FILTER (WHERE x.effect = 'opt_out' AND r.line IS NOT NULL) AS only,
	count(*) FILTER (WHERE x.effect = 'unread_opt_out') AS unread,
	count(*) FILTER (WHERE x.effect = 'note' AND r.line IS NOT NULL) AS noted,
	count(*) FILTER (WHERE x.number <> '') AS doubtful
FROM import_refusals x LEFT JOIN import_rows r ON r.import_id = x.import_id AND r.line = x.line
WHERE x.import_id = @id
