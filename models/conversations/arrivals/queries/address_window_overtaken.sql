-- Stores the 24 hours of an address whose message was handled late, after newer ones: the later end counts.
INSERT INTO address_windows (address_id, conversation_id, window_closes_at) VALUES (@address, @conversation, @closes)
ON CONFLICT (address_id, conversation_id) DO UPDATE
	SET window_closes_at = greatest(address_windows.window_closes_at, excluded.window_closes_at)
