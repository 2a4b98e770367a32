-- Stores the draft of @user in @conversation, removes it if @body is empty, and returns whether neither was done because
-- the message that its form @token belongs to was taken. A draft without a form has an empty token.
WITH taken AS (
	SELECT CAST(@token AS text) <> '' AND (
		EXISTS (SELECT 1 FROM messages WHERE token = @token AND conversation_id = @conversation)
		OR EXISTS (SELECT 1 FROM later_replies WHERE token = @token AND conversation_id = @conversation)
	) AS yes
), removed AS (
	DELETE FROM drafts USING taken
	WHERE user_id = @user AND conversation_id = @conversation AND mode = @mode AND @body = '' AND NOT taken.yes
), saved AS (
	INSERT INTO drafts (user_id, conversation_id, mode, body, quote_sid)
	SELECT @user, @conversation, @mode, @body, @quote FROM taken WHERE @body <> '' AND NOT taken.yes
	ON CONFLICT (user_id, conversation_id, mode) DO UPDATE
		SET body = excluded.body, quote_sid = excluded.quote_sid, updated_at = now()
)
SELECT yes FROM taken
