-- Writes an opt-out for each of the contacts @ids who is not opted out yet and returns who that is. The order lets the
-- triggers lock contacts in the order in which everybody else does.
INSERT INTO consent_events (contact_id, kind, source, proof, actor_id, occurred_at)
SELECT id, 'opted_out', CAST(@source AS text), CAST(@proof AS text), CAST(@actor AS bigint), @now
FROM contacts WHERE id IN @ids AND consent <> 'opted_out' ORDER BY id RETURNING contact_id
