-- The templates that prevent a notification from continuing, in words: its own, @version, and those of its queued
-- messages, if WhatsApp has not approved them, Parley can't fill them, or they are promotion now.
SELECT DISTINCT t.name || ' (' || v.language || ') is ' || CASE
	WHEN v.unfillable <> '' THEN 'one that Parley can''t fill'
	WHEN v.state <> 'approved' THEN v.state
	ELSE 'promotion now' END
FROM template_versions v JOIN templates t ON t.id = v.template_id
WHERE (v.id = @version
		OR v.id IN (SELECT version_id FROM messages WHERE notification_id = @notification AND status = 'queued'))
	AND (v.state <> 'approved' OR v.unfillable <> '' OR coalesce(nullif(v.category, ''), t.category) = 'MARKETING')
