-- Stores the contacts c that match @filter now as a selection of @user, and counts and marks them.
WITH x AS MATERIALIZED (SELECT c.id FROM contacts c WHERE @filter),
kept AS (
	INSERT INTO contact_selections (user_id, contact_ids, created_at)
	SELECT @user, coalesce(array_agg(x.id ORDER BY x.id), '{}'), @made FROM x RETURNING id)
SELECT (SELECT id FROM kept) AS id,
\ir shared/contacts_shown.sql
FROM x
