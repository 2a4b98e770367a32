-- All opt-in pages that a person who asks what is stored filled in.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT o.name AS page, r.name, r.ip, r.user_agent, r.created_at
FROM optin_requests r JOIN optin_sources o ON o.id = r.source_id
WHERE r.match IN (SELECT match FROM contact_addresses WHERE contact_id IN (SELECT id FROM family)) ORDER BY r.id
