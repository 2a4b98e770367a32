-- Removes the files of the messages of the contacts @family.
DELETE FROM media_files WHERE message_id IN
\ir shared/messages_of_family.sql
