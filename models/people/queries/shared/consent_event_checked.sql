-- An event e of the consent ledger with the values that it must have: its hash, the digest of its text, and the
-- previous event.
SELECT e.id, e.contact_id, e.hash, e.prev_hash, e.digest, e.erased_at, consent_event_hash(e) AS want,
	CASE WHEN e.erased_at IS NULL AND e.digest IS NOT NULL THEN consent_event_digest(e) END AS text_digest,
	coalesce(lag(e.hash) OVER (PARTITION BY e.contact_id ORDER BY e.id), '') AS before
FROM consent_events e
