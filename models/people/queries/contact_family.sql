-- The contact @contact with those that were merged into it, at any depth.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT id FROM family
