-- Writes an opt-out for each of the contacts @ids that is not opted out yet and returns those contacts. The order makes
-- the triggers lock contacts in the same order as everything else.
INSERT INTO consent_events (contact_id, kind, source, proof, actor_id, occurred_at)
SELECT id, 'opted_out', CAST(@source AS text), CAST(@proof AS text), CAST(@actor AS bigint), @now
FROM contacts WHERE id IN @ids AND consent <> 'opted_out' ORDER BY id RETURNING contact_id
