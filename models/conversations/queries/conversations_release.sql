-- Unassigns the conversations of the assignee @user, in one statement for any number, and returns those that are open
-- or snoozed; these get an event by @by. They are locked first, in one order.
WITH held AS (
	SELECT id FROM conversations WHERE assignee_id = @user ORDER BY public_id FOR UPDATE),
freed AS (
	UPDATE conversations v SET assignee_id = NULL, version = version + 1, updated_at = @now
	FROM held WHERE v.id = held.id RETURNING v.id, v.public_id, v.state),
noted AS (
	INSERT INTO conversation_events (conversation_id, user_id, kind, summary, created_at)
	SELECT id, @by, 'assigned', @summary, @now FROM freed WHERE state IN ('open', 'snoozed'))
SELECT public_id FROM freed WHERE state IN ('open', 'snoozed')
