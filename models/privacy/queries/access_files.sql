-- The names of all files stored for a person who asks what is stored about them.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT name FROM contact_files WHERE contact_id IN (SELECT id FROM family) AND file <> '' ORDER BY id
