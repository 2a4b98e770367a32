-- Pauses the notifications that run with the version @version, or have messages of it in the queue, until somebody
-- decides.
UPDATE notifications n SET state = 'paused', paused_reason = @reason, updated_at = now()
WHERE n.state IN ('running', 'preparing') AND (n.version_id = @version OR EXISTS (
	SELECT 1 FROM messages m WHERE m.notification_id = n.id AND m.version_id = @version AND m.status = 'queued'))
RETURNING *
