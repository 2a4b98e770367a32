-- Stores a person's reaction to a message. It replaces the stored one unless that is later.
INSERT INTO reactions (conversation_id, message_sid, emoji, created_at) VALUES (@conversation, @sid, @emoji, @at)
ON CONFLICT (conversation_id, message_sid) DO UPDATE SET emoji = excluded.emoji, created_at = excluded.created_at
	WHERE excluded.created_at >= reactions.created_at
