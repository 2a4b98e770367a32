-- The results of each version of the template @template since the day @since.
SELECT r.version_id,
\ir shared/template_use_columns.sql
\ir shared/template_use_of.sql
WHERE o.template_id = @template GROUP BY 1
