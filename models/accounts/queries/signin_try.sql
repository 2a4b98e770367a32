-- Counts a sign-in attempt and returns its id, no row if there were too many since @since: for the account from the
-- network, or from the network in total.
INSERT INTO signin_failures (email, ip)
SELECT @email, @network FROM (
	SELECT count(*) AS n, count(*) FILTER (WHERE email = @email) AS here
	FROM signin_failures WHERE ip = @network AND created_at > @since) f
WHERE f.n < @by_network AND f.here < @by_account RETURNING id
