-- Ends the Sandbox membership of the recipient of the message @sid: of the address that it was sent to, and of the one
-- that shares it (see shared/held.sql), unless they joined after it was sent.
WITH m AS (
	SELECT conversation_id, address_id, sending_at FROM messages WHERE twilio_sid = @sid),
v AS (
	UPDATE conversations v SET sandbox_joined_at = NULL FROM m
	WHERE v.id = m.conversation_id AND v.sandbox_joined_at < m.sending_at
		AND (m.address_id IS NULL OR m.address_id = v.address_id OR EXISTS (SELECT 1 FROM contact_addresses p
			WHERE p.id IN (v.address_id, m.address_id) AND p.number_id IN (v.address_id, m.address_id)))
	RETURNING v.public_id),
h AS (
	UPDATE address_windows h SET sandbox_joined_at = NULL FROM m
	WHERE h.conversation_id = m.conversation_id AND h.sandbox_joined_at < m.sending_at
		AND (h.address_id = m.address_id OR EXISTS (SELECT 1 FROM contact_addresses p
			WHERE p.id IN (h.address_id, m.address_id) AND p.number_id IN (h.address_id, m.address_id))))
SELECT 'conversation-' || public_id FROM v
