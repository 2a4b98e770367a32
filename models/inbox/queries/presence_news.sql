-- Reports whether it changes something that @user looks at the conversation @conversation and types, or does not
-- (@now).
SELECT NOT EXISTS (
	SELECT 1 FROM conversation_presence
	WHERE conversation_id = @conversation AND user_id = @user AND seen_at > now() - CAST(@present AS interval)
		AND (typing_at IS NOT NULL AND typing_at > now() - CAST(@typing AS interval)) = @now)
