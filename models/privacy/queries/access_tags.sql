-- The tags of a person who asks what is stored.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT t.name FROM tags t JOIN contacts c ON c.id IN (SELECT id FROM family) AND t.id = ANY(c.tags)
GROUP BY t.name ORDER BY t.name
