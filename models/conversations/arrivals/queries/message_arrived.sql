-- Stores an inbound message with its receipt and notes when its contact was last seen. If the session is open, replies
-- that were scheduled until the person writes become ready. It returns a row for each author of such a reply, at least
-- one row, and no row if the message is stored already: then nothing was done.
WITH m AS (
	INSERT INTO messages (conversation_id, sender_id, direction, kind, body, latitude, longitude, label, twilio_sid,
		reply_to_sid, status, hint, details, address_id, created_at)
	VALUES (@conversation, @sender, 'inbound', @messageKind, @body, @latitude, @longitude, @label, @sid,
		@reply, 'received', @hint, CAST(@details AS jsonb), @address, @now)
	ON CONFLICT DO NOTHING RETURNING id),
r AS (
	INSERT INTO webhook_receipts (kind, verdict, message_sid, effect, raw_body, received_at, request_id, token_no,
		person, also, replay_of, replayed_by)
	SELECT @kind, @verdict, @sid, @effect, @raw, CAST(@received AS timestamptz), @request, @token,
		@person, CAST(@also AS text[]), CAST(@of AS bigint), CAST(@by AS bigint)
	FROM m RETURNING id),
c AS (
	UPDATE contacts SET last_seen_at = greatest(last_seen_at, CAST(@now AS timestamptz)),
		window_closes_at = greatest(contacts.window_closes_at, CAST(@closes AS timestamptz))
	FROM m WHERE contacts.id = @contact),
k AS (
	UPDATE later_replies SET state = 'ready' FROM m
	WHERE conversation_id = @conversation AND state = 'waiting' AND send_at IS NULL
		AND CAST(@closes AS timestamptz) > CAST(@received AS timestamptz)
	RETURNING author_id)
SELECT m.id AS message_id, r.id AS receipt_id, k.author_id FROM m CROSS JOIN r LEFT JOIN k ON true
