-- Stores the session and the Sandbox membership of the address @old, which replies went to until now, and of the
-- addresses that share them.
INSERT INTO address_windows (address_id, conversation_id, window_closes_at, sandbox_joined_at)
SELECT x.id, @conversation, CAST(@closes AS timestamptz), CAST(@joined AS timestamptz)
FROM contact_addresses o JOIN contact_addresses x ON x.id = o.id OR x.id = o.number_id OR x.number_id = o.id
WHERE o.id = @old
ON CONFLICT (address_id, conversation_id) DO UPDATE
	SET window_closes_at = excluded.window_closes_at, sandbox_joined_at = excluded.sandbox_joined_at
