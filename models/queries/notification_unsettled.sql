-- The messages of the notification @notification, from @sender, in doubt, and those that Twilio took before @before and
-- of which nothing final is known.
SELECT
	(SELECT count(*) FROM messages
		WHERE sender_id = @sender AND status = 'in_doubt' AND notification_id = @notification) AS doubt,
	(SELECT count(*) FROM messages WHERE status IN ('accepted', 'sent') AND sending_at < @before
		AND notification_id = @notification) AS unknown
