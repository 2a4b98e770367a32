-- Another template than @id at WhatsApp with the same text.
SELECT t.name FROM template_versions v JOIN templates t ON t.id = v.template_id
WHERE md5(lower(v.body)) = md5(lower(@body)) AND v.template_id <> @id
	AND v.state IN ('submitted', 'pending', 'approved', 'paused') AND v.content_type = @type
	AND t.deleted_at IS NULL LIMIT 1
