-- The number of messages of the notification @notification, from @sender, with an unknown outcome, and of those that
-- Twilio accepted before @before and that have no final status.
SELECT
	(SELECT count(*) FROM messages
		WHERE sender_id = @sender AND status = 'in_doubt' AND notification_id = @notification) AS doubt,
	(SELECT count(*) FROM messages WHERE status IN ('accepted', 'sent') AND sending_at < @before
		AND notification_id = @notification) AS unknown
