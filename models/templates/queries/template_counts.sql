-- How many templates and languages there are in each state.
SELECT v.state, v.language, t.archived_at IS NOT NULL AS archived, count(*) AS n
FROM template_versions v JOIN templates t ON t.id = v.template_id
WHERE t.deleted_at IS NULL AND
\ir shared/template_latest.sql
GROUP BY 1, 2, 3 ORDER BY v.language
