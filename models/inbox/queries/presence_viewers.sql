-- The users other than @user who look at the conversation @conversation now.
SELECT u.name, p.typing_at IS NOT NULL AND p.typing_at > now() - CAST(@typing AS interval) AS typing
FROM conversation_presence p JOIN users u ON u.id = p.user_id
WHERE p.conversation_id = @conversation AND p.user_id <> @user
	AND p.seen_at > now() - CAST(@present AS interval)
ORDER BY u.name LIMIT 10
