-- The contact @contact with those that were merged into it, at any depth, as a part of WITH RECURSIVE.
family AS (
	SELECT CAST(@contact AS bigint) AS id
	UNION SELECT c.id FROM contacts c JOIN family f ON c.merged_into = f.id)
