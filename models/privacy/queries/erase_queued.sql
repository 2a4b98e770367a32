-- Cancels the queued messages to the contacts @family.
UPDATE messages SET status = 'canceled', failed_at = now() WHERE status = 'queued' AND id IN
\ir shared/messages_of_family.sql
