-- Merges two conversations of one sender: that of @keep takes over the values of that of @drop. The address, its window
-- and its Sandbox membership are those of the conversation in which the person wrote last.
UPDATE conversations k SET
	address_id = CASE WHEN coalesce(d.last_inbound_at, '-infinity') > coalesce(k.last_inbound_at, '-infinity')
		THEN d.address_id ELSE k.address_id END,
	window_closes_at = CASE WHEN coalesce(d.last_inbound_at, '-infinity') > coalesce(k.last_inbound_at, '-infinity')
		THEN d.window_closes_at ELSE k.window_closes_at END,
	sandbox_joined_at = CASE WHEN coalesce(d.last_inbound_at, '-infinity') > coalesce(k.last_inbound_at, '-infinity')
		THEN d.sandbox_joined_at ELSE k.sandbox_joined_at END,
	last_inbound_at = greatest(k.last_inbound_at, d.last_inbound_at),
	waiting_since = least(k.waiting_since, d.waiting_since),
	unread_count = k.unread_count + d.unread_count, failed_count = k.failed_count + d.failed_count,
	last_line = CASE WHEN coalesce(d.last_message_at, '-infinity') > coalesce(k.last_message_at, '-infinity')
		THEN d.last_line ELSE k.last_line END,
	last_direction = CASE WHEN coalesce(d.last_message_at, '-infinity') > coalesce(k.last_message_at, '-infinity')
		THEN d.last_direction ELSE k.last_direction END,
	last_message_at = greatest(k.last_message_at, d.last_message_at),
	assignee_id = coalesce(k.assignee_id, d.assignee_id),
	labels = ARRAY(SELECT DISTINCT l FROM unnest(k.labels || d.labels) l ORDER BY 1),
	priority = greatest(k.priority, d.priority), session_began_at = least(k.session_began_at, d.session_began_at),
	state = CASE WHEN 'open' IN (k.state, d.state) THEN 'open' ELSE k.state END,
	snoozed_until = CASE WHEN 'open' IN (k.state, d.state) THEN NULL ELSE k.snoozed_until END,
	version = k.version + 1, updated_at = now()
FROM conversations d WHERE d.contact_id = @drop AND k.contact_id = @keep AND d.sender_id = k.sender_id
