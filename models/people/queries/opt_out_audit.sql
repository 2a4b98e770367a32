-- Writes an audit entry for each opt-out of the contacts @ids.
INSERT INTO audit_events (actor_id, actor_name, action, subject_type, subject_id, summary, changes, request_id)
SELECT CAST(@actor AS bigint), CAST(@name AS text), 'consent.opted_out', 'contact', public_id,
	coalesce(nullif(name, ''), nullif(profile_name, ''), phone, 'Unknown person') || ' opted out',
	jsonb_build_object('source', CAST(@source AS text)), CAST(@request AS text)
FROM contacts WHERE id IN @ids
