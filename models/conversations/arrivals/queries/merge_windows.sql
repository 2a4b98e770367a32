-- Stores the sessions and Sandbox memberships of the addresses of two conversations that are merged, that of @drop and
-- that of @keep. Replies go to the address that wrote last; for messages waiting for the other address, that one's own
-- 24 hours count.
INSERT INTO address_windows (address_id, conversation_id, window_closes_at, sandbox_joined_at)
SELECT x.id, k.id, w.closes, w.joined
FROM conversations d JOIN conversations k ON k.sender_id = d.sender_id AND k.contact_id = @keep
CROSS JOIN LATERAL (VALUES (k.address_id, k.window_closes_at, k.sandbox_joined_at),
	(d.address_id, d.window_closes_at, d.sandbox_joined_at)) w (address, closes, joined)
JOIN contact_addresses o ON o.id = w.address
JOIN contact_addresses x ON x.id = o.id OR x.id = o.number_id OR x.number_id = o.id
WHERE d.contact_id = @drop
ON CONFLICT (address_id, conversation_id) DO UPDATE
	SET window_closes_at = excluded.window_closes_at, sandbox_joined_at = excluded.sandbox_joined_at
