-- The facts that decide whether the contacts @ids get the notification @notification from @sender: the address (that of
-- @set at the same place, 0 for the one that templates go to), consent with the topic (@topic_consent is the expression
-- consentTo), the Sandbox, and what they got recently, from notifications and from the API (@api). One-time codes don't
-- count: people asked for them. there is true if the contact is on the notification's list already.
SELECT c.id AS contact_id, a.id AS address_id, coalesce(@topic_consent, '') AS topic_consent,
	(SELECT held.sandbox_joined_at FROM conversations v CROSS JOIN LATERAL (SELECT a.id) asked
\ir shared/held.sql
		WHERE v.contact_id = c.id AND v.sender_id = @sender) AS sandbox_joined_at,
	x.last_notified, coalesce(x.today, 0) AS today,
	EXISTS (SELECT 1 FROM notification_recipients r
		WHERE r.notification_id = @notification AND r.contact_id = c.id AND r.excluded = '') AS there
FROM unnest(CAST(@ids AS bigint[]), CAST(@set AS bigint[])) i (contact_id, address_id)
JOIN contacts c ON c.id = i.contact_id
LEFT JOIN LATERAL (SELECT coalesce(nullif(i.address_id, 0),
\ir shared/address_chosen.sql
	) AS id) a ON true
LEFT JOIN LATERAL (
	SELECT max(coalesce(m.sending_at, m.created_at)) AS last_notified,
		count(*) FILTER (WHERE m.created_at > @day) AS today
	FROM conversations v JOIN messages m ON m.conversation_id = v.id
	JOIN template_versions t ON t.id = m.version_id JOIN templates p ON p.id = t.template_id
	WHERE v.contact_id = c.id AND m.kind = 'template'
		AND (m.notification_id <> @notification OR m.notification_id IS NULL AND m.rule = @api)
		AND m.created_at > @month AND coalesce(nullif(t.category, ''), p.category) <> 'AUTHENTICATION'
		AND m.status NOT IN ('failed', 'undelivered', 'refused', 'canceled')) x ON true
