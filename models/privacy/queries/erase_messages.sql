-- Empties the messages of the contacts @family; their times and states stay for the counts.
UPDATE messages SET details = '{}', address_id = NULL, body = '', variables = '{}', latitude = NULL, longitude = NULL,
	label = '', hint = '', erased_at = now()
WHERE id IN
\ir shared/messages_of_family.sql
