-- The session and the Sandbox membership of a contact's address @address at the sender of the conversation
-- @conversation.
SELECT a.id AS address_id, held.window_closes_at, held.sandbox_joined_at
FROM conversations v JOIN contact_addresses a ON a.id = @address
CROSS JOIN LATERAL (SELECT a.id) asked
\ir shared/held.sql
WHERE v.id = @conversation
