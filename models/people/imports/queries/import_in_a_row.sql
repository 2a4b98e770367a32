-- How many rows of the import @id belong to a run: ten or more consecutive numbers.
SELECT coalesce(sum(n), 0) FROM (
	SELECT count(*) AS n FROM (
		SELECT CAST(substr(phone, 2) AS bigint) - row_number() OVER (ORDER BY CAST(substr(phone, 2) AS bigint)) AS run
		FROM import_rows WHERE import_id = @id) x
	GROUP BY run HAVING count(*) >= 10) y
