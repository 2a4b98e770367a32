-- Notes that @user has the draft @version open. Nothing is written if they had it open less than 40 seconds ago.
INSERT INTO draft_presence AS p (version_id, user_id, seen_at) VALUES (@version, @user, now())
ON CONFLICT (version_id, user_id) DO UPDATE SET seen_at = now() WHERE p.seen_at < now() - interval '40 seconds'
