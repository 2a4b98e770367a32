-- The newest @n of the messages m that match @filter, among the @newest messages up to @top.
WITH every AS MATERIALIZED (
	SELECT m.id FROM (SELECT * FROM messages WHERE id <= @top ORDER BY id DESC LIMIT @newest) m WHERE @filter),
\ir shared/search_hits.sql
