-- The settings that decide what follows a message to the sender s.
	(SELECT CAST(value AS text) FROM settings WHERE key = 'keywords') AS keywords,
	(SELECT CAST(value AS text) FROM settings WHERE key = 'desk') AS desk,
	EXISTS (SELECT 1 FROM optin_sources WHERE sender_id = s.id AND closed_at IS NULL) AS has_pages
