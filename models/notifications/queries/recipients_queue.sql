-- Writes the messages of some recipients of the notification @notification into the queue, with their conversations, in
-- one statement. A conversation that is created for it stays out of the inbox until the person replies. The token makes
-- sure that each recipient gets at most one message.
WITH input AS MATERIALIZED (
	SELECT * FROM jsonb_to_recordset(CAST(@list AS jsonb)) AS x (recipient bigint, contact bigint, address bigint,
		version bigint, body text, line text, variables jsonb, send_at timestamptz, valid_until timestamptz)),
conv AS (
	INSERT INTO conversations (contact_id, sender_id, state, last_message_at, last_line, last_direction, created_at,
		updated_at)
	SELECT contact, @sender, 'resolved', CAST(@now AS timestamptz), line, 'outbound', @now, @now
	FROM input ORDER BY contact
	ON CONFLICT (contact_id, sender_id) DO UPDATE SET last_message_at = excluded.last_message_at,
		last_line = excluded.last_line, last_direction = 'outbound'
	RETURNING id, contact_id),
added AS (
	INSERT INTO messages (conversation_id, sender_id, address_id, direction, kind, body, author_id, version_id,
		variables, notification_id, status, priority, send_at, valid_until, token, created_at)
	SELECT c.id, @sender, i.address, 'outbound', 'template', i.body, CAST(@author AS bigint), i.version,
		i.variables, @notification, 'queued', CAST(@priority AS smallint), i.send_at,
		least(i.valid_until, CAST(@until AS timestamptz)),
		'n' || CAST(@notification AS bigint) || '-c' || i.contact, @now
	FROM input i JOIN conv c ON c.contact_id = i.contact ORDER BY i.recipient
	ON CONFLICT DO NOTHING RETURNING id, conversation_id)
UPDATE notification_recipients r SET message_id = a.id
FROM added a JOIN conv c ON c.id = a.conversation_id JOIN input i ON i.contact = c.contact_id
WHERE r.id = i.recipient
