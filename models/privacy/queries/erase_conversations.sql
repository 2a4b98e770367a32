-- Closes the conversations of the contacts @family and empties what the inbox shows of them.
UPDATE conversations SET address_id = NULL, window_closes_at = last_inbound_at, sandbox_joined_at = NULL,
	last_line = '', state = 'resolved', snoozed_until = NULL, waiting_since = NULL, unread_count = 0, assignee_id = NULL,
	updated_at = now()
WHERE contact_id IN @family
