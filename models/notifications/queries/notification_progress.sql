-- The progress of the notification @notification: summed from days and from steps that are not in them yet.
SELECT measure, sum(n) AS n FROM (
	SELECT measure, n FROM report_days WHERE notification_id = @notification
	UNION ALL
	SELECT measure, n FROM report_steps WHERE notification_id = @notification) r
GROUP BY 1
