-- Empties the contacts @family. @id is marked as erased; the others stay merged.
UPDATE contacts SET gone = 'erased', merged_into = CASE WHEN id = @id THEN NULL ELSE merged_into END,
	name = '', profile_name = '', phone = NULL, language = '', country = '', time_zone = '', tags = '{}', fields = '{}',
	last_seen_at = NULL, window_closes_at = NULL, blocked_at = NULL, version = version + 1, updated_at = now()
WHERE id IN @family
