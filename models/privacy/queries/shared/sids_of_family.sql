-- Twilio's ids of all messages of the contacts @family.
	(SELECT m.twilio_sid FROM messages m JOIN conversations v ON v.id = m.conversation_id
		WHERE v.contact_id IN @family AND m.twilio_sid IS NOT NULL)
