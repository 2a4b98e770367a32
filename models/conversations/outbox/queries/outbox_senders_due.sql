-- The senders that have messages to send now, or messages under way whose outcome is not known.
SELECT s.* FROM senders s
WHERE s.state = 'online' AND EXISTS (
		SELECT 1 FROM messages m WHERE m.sender_id = s.id AND m.status = 'queued' AND m.send_at <= @now)
	OR EXISTS (SELECT 1 FROM messages m WHERE m.sender_id = s.id AND m.status IN ('sending', 'in_doubt'))
ORDER BY s.id
