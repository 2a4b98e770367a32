-- The settings that decide what follows a message to the sender @sender from an unknown person.
SELECT
\ir shared/arrival_settings.sql
FROM senders s WHERE id = @sender
