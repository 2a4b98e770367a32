-- The tables that decide about an outgoing message m and its call: see outgoing_columns.sql.
	JOIN conversations v ON v.id = m.conversation_id
	JOIN contacts c ON c.id = v.contact_id
	JOIN senders s ON s.id = m.sender_id
	LEFT JOIN template_versions t ON t.id = m.version_id
	LEFT JOIN templates p ON p.id = t.template_id
	LEFT JOIN notifications n ON n.id = m.notification_id
	LEFT JOIN contact_addresses a ON a.id = m.address_id
