-- Stores a form until its keyword comes. A second form for the same number replaces the first.
INSERT INTO optin_requests (source_id, match, phone, name, language, ip, user_agent, wording, created_at)
VALUES (@source, @match, @phone, @name, @language, @ip, @user_agent, @wording, @now)
ON CONFLICT (source_id, match) DO UPDATE SET phone = excluded.phone, name = excluded.name,
	language = excluded.language, ip = excluded.ip, user_agent = excluded.user_agent, wording = excluded.wording,
	created_at = excluded.created_at, confirmed_at = NULL
