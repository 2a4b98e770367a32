-- The notifications with work to do: those to check, to prepare or to send, those whose time has come, and those whose
-- validity ended before somebody approved them.
SELECT id FROM notifications
WHERE state IN ('checking', 'preparing', 'running')
	OR state = 'scheduled' AND (send_at IS NULL OR local_time OR send_at <= @now)
	OR state = 'awaiting' AND valid_until <= @now
ORDER BY id
