-- The numbers behind the health page. Deliveries are counted by the real clock (@hour_real), messages by the one of the
-- rules. At most 40,000 good deliveries are counted: an exact count above that is not worth the wait.
SELECT
	(SELECT max(received_at) FROM webhook_receipts
		WHERE kind = 'message' AND verdict IN ('accepted', 'repeated')) AS last_message_at,
	(SELECT max(received_at) FROM webhook_receipts
		WHERE kind = 'status' AND verdict IN ('accepted', 'repeated')) AS last_status_at,
	(SELECT max(received_at) FROM webhook_receipts WHERE verdict = 'bad_signature') AS last_bad_at,
	(SELECT count(*) FROM (SELECT 1 FROM webhook_receipts
		WHERE verdict <> 'bad_signature' AND received_at > @hour_real LIMIT 40000) x) AS good_hour,
	(SELECT count(*) FROM webhook_receipts WHERE verdict = 'bad_signature' AND received_at > @hour_real) AS bad_hour,
	(SELECT count(*) FROM webhook_receipts f WHERE verdict = 'failed' AND received_at > @week
		AND NOT EXISTS (SELECT 1 FROM webhook_receipts r WHERE r.message_sid = f.message_sid AND r.kind = f.kind
			AND r.id > f.id AND r.verdict IN ('accepted', 'repeated'))) AS not_stored,
	(SELECT count(*) FROM messages WHERE status = 'queued') AS queued,
	(SELECT min(m.send_at) FROM messages m JOIN senders s ON s.id = m.sender_id
		WHERE m.status = 'queued' AND m.send_at <= @now AND m.notification_id IS NULL
			AND s.state = 'online') AS oldest_due,
	(SELECT count(*) FROM messages WHERE status = 'in_doubt') AS in_doubt,
	(SELECT count(*) FROM messages WHERE direction = 'outbound' AND created_at > @hour AND erased_at IS NULL
		AND status IN ('accepted', 'sent', 'delivered', 'read')) AS sent,
	(SELECT count(*) FROM messages WHERE direction = 'outbound' AND created_at > @hour AND erased_at IS NULL
		AND status IN ('failed', 'undelivered')) AS failed,
	(SELECT min(sending_at) FROM messages WHERE status = 'accepted' AND sending_at > @day) AS silent_since
