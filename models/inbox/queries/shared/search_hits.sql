-- The newest @n of the messages found, with their conversations and contacts. The hits are materialized: else the
-- planner may read all messages from the newest one on.
found AS (SELECT id FROM every ORDER BY id DESC LIMIT @n)
SELECT m.*, v.public_id AS conversation_public_id, v.contact_id, c.name AS contact_name,
	c.profile_name AS contact_profile_name, coalesce(c.phone, '') AS contact_phone
FROM found f JOIN messages m ON m.id = f.id
JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id
ORDER BY m.id DESC
