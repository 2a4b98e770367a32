-- The messages of the contacts @family.
	(SELECT m.id FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE v.contact_id IN @family)
