-- The rows of a page p of versions, with the results of their messages, the version in use, and who wrote them.
SELECT p.*, u.*, coalesce(g.serving_number, 0) AS serving_number, coalesce(a.name, '') AS author_name
FROM p
LEFT JOIN LATERAL (SELECT
\ir template_use_columns.sql
\ir template_use_of.sql
	WHERE o.template_id = p.template_id AND o.language = p.language) u ON true
LEFT JOIN LATERAL (SELECT max(number) AS serving_number FROM template_versions o
	WHERE o.template_id = p.template_id AND o.language = p.language AND o.state = 'approved') g ON true
LEFT JOIN users a ON a.id = p.author_id
