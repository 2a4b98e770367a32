-- The latest distinct reasons for which templates were rejected, those of the category @category first.
SELECT * FROM (
	SELECT DISTINCT ON (v.rejection_reason) t.name AS template_name, t.public_id AS template_public_id, t.category,
		v.language, v.rejection_reason AS reason, v.decided_at
	FROM (SELECT * FROM template_versions
		WHERE state = 'rejected' AND rejection_reason <> '' AND decided_at IS NOT NULL
		ORDER BY decided_at DESC LIMIT 200) v
	JOIN templates t ON t.id = v.template_id ORDER BY v.rejection_reason, v.decided_at DESC) r
ORDER BY category <> @category, decided_at DESC LIMIT @n
