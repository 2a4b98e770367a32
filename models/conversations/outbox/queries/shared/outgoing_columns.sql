-- What the call to Twilio needs of a message m, over outgoing_joins.sql; the claim has its own attempts and sending_at.
		m.id, m.public_id, s.phone AS "from", v.contact_id, m.body, m.kind,
		coalesce(m.content_sid, t.content_sid) AS content_sid, coalesce(t.content_type, '') AS content_type,
		m.version_id, m.variables, coalesce(t.placeholders, '[]') AS placeholders, m.created_at, m.lookups,
		m.latitude, m.longitude, m.label,
		CASE WHEN m.version_id IS NULL THEN coalesce((
			SELECT f.public_id || '/' || f.access_key FROM media_files f WHERE f.message_id = m.id
			ORDER BY position LIMIT 1), '') ELSE '' END AS media_key,
		coalesce(a.kind, '') AS address_kind, coalesce(a.address, '') AS address,
		m.valid_until
