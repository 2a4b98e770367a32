-- The notifications that a segment was chosen for and that are still to be sent.
SELECT * FROM (
\ir shared/uses_in_notifications.sql
) u ORDER BY kind, name, id LIMIT 50
