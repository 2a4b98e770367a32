-- The files in the media folder of what the contacts @family wrote, were written, or have kept with them.
WITH mine AS (
	SELECT f.file, f.thumb FROM media_files f WHERE f.message_id IN
\ir shared/messages_of_family.sql
)
SELECT file FROM mine WHERE file <> ''
UNION ALL
SELECT thumb FROM mine WHERE thumb <> ''
UNION ALL
SELECT file FROM contact_files WHERE file <> '' AND contact_id IN @family
