-- All messages of a person who asks what is stored, in order.
WITH RECURSIVE
\ir shared/contact_family.sql
SELECT m.direction, m.kind, m.body, m.status, s.name AS sender, m.created_at,
	(SELECT count(*) FROM media_files f WHERE f.message_id = m.id) AS files
FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN senders s ON s.id = m.sender_id
WHERE v.contact_id IN (SELECT id FROM family) ORDER BY m.id
