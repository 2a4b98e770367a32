-- The second half of the claim: orders the due messages and marks them as sending.
		AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.conversation_id = m.conversation_id AND e.id < m.id
			AND (e.status = 'sending' OR e.status = 'queued' AND e.priority <= m.priority
				AND (e.send_at <= @now OR e.valid_until IS NULL AND e.notification_id IS NULL)))
	ORDER BY m.priority, m.send_at, m.id LIMIT @limit FOR UPDATE OF m SKIP LOCKED),
claimed AS (
	UPDATE messages m SET
		status = CASE WHEN due.refusal IS NULL THEN 'sending' WHEN due.refusal = 'canceled' THEN 'canceled'
			ELSE 'refused' END,
		error_message = coalesce(due.refusal, ''),
		failed_at = CASE WHEN due.refusal IS NULL THEN NULL ELSE CAST(@now AS timestamptz) END,
		attempts = m.attempts + CASE WHEN due.refusal IS NULL THEN 1 ELSE 0 END,
		sending_at = @now, claimed_by = @owner, lookups = 0
	FROM due WHERE m.id = due.id RETURNING m.id)
SELECT due.* FROM due JOIN claimed USING (id) ORDER BY due.priority, due.send_at, due.id
