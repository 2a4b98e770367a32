-- Notes that @user looks at the conversation @conversation, and whether they type.
INSERT INTO conversation_presence (conversation_id, user_id, seen_at, typing_at)
VALUES (@conversation, @user, now(), CASE WHEN @typing THEN now() END)
ON CONFLICT (conversation_id, user_id) DO UPDATE SET seen_at = excluded.seen_at, typing_at = excluded.typing_at
