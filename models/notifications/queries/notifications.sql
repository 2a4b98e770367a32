-- Notifications that match @filter, as lists show them, with their progress; the latest first.
SELECT n.*, t.name AS template_name, v.language, v.body, v.public_id AS version_public_id, s.name AS sender_name,
	s.public_id AS sender_public_id, coalesce(u.name, '') AS creator_name, x.*
FROM notifications n
JOIN template_versions v ON v.id = n.version_id
JOIN templates t ON t.id = v.template_id
JOIN senders s ON s.id = n.sender_id
LEFT JOIN users u ON u.id = n.created_by
CROSS JOIN LATERAL (
	SELECT coalesce(sum(r.n) FILTER (WHERE measure = 'queued'), 0) AS queued,
		coalesce(sum(r.n) FILTER (WHERE measure = 'sent'), 0) AS sent,
		coalesce(sum(r.n) FILTER (WHERE measure = 'settled'), 0) AS settled,
		coalesce(sum(r.n) FILTER (WHERE measure = 'delivered'), 0) AS delivered,
		coalesce(sum(r.n) FILTER (WHERE measure = 'read'), 0) AS read,
		coalesce(sum(r.n) FILTER (WHERE measure = 'failed'), 0) AS failed,
		coalesce(sum(r.n) FILTER (WHERE measure = 'refused'), 0) AS refused,
		coalesce(sum(r.n) FILTER (WHERE measure = 'canceled'), 0) AS canceled,
		coalesce(sum(r.n) FILTER (WHERE measure = 'replied'), 0) AS replied,
		coalesce(sum(r.n) FILTER (WHERE measure = 'opted_out'), 0) AS opted_out
	FROM (
		SELECT measure, n FROM report_days WHERE notification_id = n.id
		UNION ALL
		SELECT measure, n FROM report_steps WHERE notification_id = n.id) r) x
WHERE @filter ORDER BY n.id DESC LIMIT @n
