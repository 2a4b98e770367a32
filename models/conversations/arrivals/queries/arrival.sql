-- The sender @phone, the person at @match and their conversation, the latter two locked, with the settings that decide
-- what follows. Nearly every message comes from a known person and takes one round trip. @sender_columns and the others
-- are the tables' columns under names that begin with s_, c_ and v_.
SELECT @sender_columns, @contact_columns, @conversation_columns,
\ir shared/arrival_settings.sql
	, coalesce((SELECT coalesce(m.sending_at, m.created_at) > @since FROM
\ir shared/last_template.sql
	m), false) AS notified,
	a.id AS address_id,
	EXISTS (SELECT 1 FROM contact_addresses WHERE match = @alias AND number_id = a.id) AS alias
FROM senders s
CROSS JOIN contact_addresses a
JOIN contacts c ON c.id = a.contact_id
JOIN conversations v ON v.contact_id = c.id AND v.sender_id = s.id
WHERE s.phone = @phone AND a.match = @match FOR UPDATE OF c, v
