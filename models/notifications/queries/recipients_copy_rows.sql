-- Gives the notification @to the rows of the list of @from that belong to the contacts @contacts.
INSERT INTO notification_rows
SELECT @to, row_number() OVER (ORDER BY r.id), coalesce(nullif(r.address, ''), c.phone, ''), coalesce(r.columns, '{}')
FROM notification_recipients r JOIN contacts c ON c.id = r.contact_id
WHERE r.notification_id = @from AND r.excluded = '' AND c.public_id IN @contacts
