-- All notes about a person who asks what is stored, in order.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT body, created_at FROM contact_notes WHERE contact_id IN (SELECT id FROM family) ORDER BY id
