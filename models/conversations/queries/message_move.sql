-- Stores the new status of messages, @list, with the times at which they reached it.
UPDATE messages m SET status = x.status, sent_at = coalesce(x.sent, m.sent_at),
	delivered_at = coalesce(x.delivered, m.delivered_at, x.read), read_at = coalesce(x.read, m.read_at)
FROM jsonb_to_recordset(CAST(@list AS jsonb))
	AS x (id bigint, status text, sent timestamptz, delivered timestamptz, read timestamptz)
WHERE m.id = x.id
