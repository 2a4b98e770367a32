-- The contacts with the public ids @ids and those that they were merged into, at any depth.
WITH RECURSIVE up AS (
	SELECT id, merged_into FROM contacts WHERE public_id IN @ids
	UNION SELECT c.id, c.merged_into FROM contacts c JOIN up ON c.id = up.merged_into)
SELECT id FROM up
