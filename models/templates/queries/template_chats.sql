-- How many chats the template @template was sent in by hand since the day @since.
SELECT CAST(coalesce(sum(r.n), 0) AS bigint)
\ir shared/template_use_of.sql
WHERE o.template_id = @template AND r.notification_id = 0 AND r.measure = 'sent'
