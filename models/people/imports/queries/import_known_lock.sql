-- The contacts that a part of the import @id has new values for, locked in a fixed order.
SELECT c.id
\ir shared/import_known.sql
ORDER BY c.id FOR UPDATE OF c
