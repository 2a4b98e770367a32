-- All addresses of a person who asks what is stored, the oldest first.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT address FROM contact_addresses WHERE contact_id IN (SELECT id FROM family) ORDER BY created_at
