-- The notifications with something to do: to check, to prepare, to send, whose time has come, or whose validity ended
-- before somebody approved them.
SELECT id FROM notifications
WHERE state IN ('checking', 'preparing', 'running')
	OR state = 'scheduled' AND (send_at IS NULL OR local_time OR send_at <= @now)
	OR state = 'awaiting' AND valid_until <= @now
ORDER BY id
