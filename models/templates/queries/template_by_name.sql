-- The approved version of the template @name, in its fall-back language if there is one; promotion is left out.
SELECT v.id FROM template_versions v JOIN templates t ON t.id = v.template_id
WHERE t.name = @name AND t.sandbox = @sandbox AND t.deleted_at IS NULL AND v.state = 'approved'
	AND coalesce(nullif(v.category, ''), t.category) <> 'MARKETING'
ORDER BY v.language = t.fallback_language DESC, v.number DESC LIMIT 1
