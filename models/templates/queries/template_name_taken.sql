-- The template because of which the template @id (0: a new one) can't have the name @name: one at WhatsApp first, then
-- one that was deleted after @locked, whose name WhatsApp still blocks, then an older draft.
SELECT deleted_at, fixed_at FROM templates
WHERE name = @name AND id <> @id
	AND (fixed_at IS NOT NULL AND (deleted_at IS NULL OR deleted_at > @locked)
		OR fixed_at IS NULL AND deleted_at IS NULL AND archived_at IS NULL AND (@id = 0 OR id < @id))
ORDER BY deleted_at IS NOT NULL, fixed_at IS NULL LIMIT 1
