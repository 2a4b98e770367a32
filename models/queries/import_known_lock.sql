-- The contacts about whom a part of the import @id says something new, locked in one order.
SELECT c.id
\ir shared/import_known.sql
ORDER BY c.id FOR UPDATE OF c
