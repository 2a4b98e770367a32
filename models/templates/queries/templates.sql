-- The latest version v of each template t and language that matches @filter, last changed first. The page is
-- materialized, so that only what is shown is looked up in the reports.
WITH p AS MATERIALIZED (
	SELECT
\ir shared/template_columns.sql
	FROM template_versions v JOIN templates t ON t.id = v.template_id
	WHERE @filter AND
\ir shared/template_latest.sql
	ORDER BY v.updated_at DESC, v.id DESC LIMIT @n)
\ir shared/template_page.sql
ORDER BY p.updated_at DESC, p.id DESC
