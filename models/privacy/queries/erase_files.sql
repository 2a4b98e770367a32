-- The files in the media folder that belong to the contacts @family or to messages from and to them.
WITH mine AS (
	SELECT f.file, f.thumb FROM media_files f WHERE f.message_id IN
\ir shared/messages_of_family.sql
)
SELECT file FROM mine WHERE file <> ''
UNION ALL
SELECT thumb FROM mine WHERE thumb <> ''
UNION ALL
SELECT file FROM contact_files WHERE file <> '' AND contact_id IN @family
