-- Reports whether the contact c opted in, for all senders, after the day of the opt-out of an import's row r. Joining
-- the Sandbox doesn't overrule an opt-out.
(c.consent = 'opted_in' AND c.consent_scope = 'all' AND coalesce(c.consent_at >
\ir import_end_of_consent_at.sql
	, false))
