-- Publishes a change to the pages of the contacts @ids and of their conversations.
SELECT pg_notify(@live, topic) FROM (
	SELECT 'contact-' || public_id AS topic FROM contacts WHERE id IN @ids
	UNION ALL
	SELECT 'conversation-' || public_id FROM conversations WHERE contact_id IN @ids) t
