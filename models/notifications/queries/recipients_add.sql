-- Puts a part of the audience, @list, on the list of the notification @notification.
INSERT INTO notification_recipients (notification_id, contact_id, line, address, columns, excluded)
SELECT @notification, x.contact, x.line, x.address, x.columns, x.excluded
FROM jsonb_to_recordset(CAST(@list AS jsonb))
	AS x (contact bigint, line int, address text, columns jsonb, excluded text)
