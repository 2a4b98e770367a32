-- The events of the contact @contact and of those that were merged into it whose text, hash or link is wrong.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT x.id FROM (
\ir shared/consent_event_checked.sql
	WHERE e.contact_id IN (SELECT id FROM family)) x
JOIN contacts c ON c.id = x.contact_id WHERE
\ir shared/consent_event_wrong.sql
	IS NOT NULL
