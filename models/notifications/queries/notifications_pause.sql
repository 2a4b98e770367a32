-- Pauses the notifications that run with the version @version, or have messages of it in the queue, until somebody
-- decides.
UPDATE notifications n SET state = 'paused', paused_reason = @reason, updated_at = now(), finished_at = NULL
WHERE n.state IN ('running', 'preparing') AND n.version_id = @version
	OR n.state IN ('running', 'preparing', 'finished') AND n.id IN (
		SELECT m.notification_id FROM messages m WHERE m.version_id = @version AND m.status = 'queued')
RETURNING *
