-- The people who joined the Sandbox after @since, the latest expiry first.
SELECT c.id AS contact_id, c.public_id AS contact_public_id, v.public_id AS conversation_public_id, c.name,
	c.profile_name, coalesce(a.address, c.phone) AS phone, c.consent, v.sandbox_joined_at
FROM conversations v JOIN contacts c ON c.id = v.contact_id
LEFT JOIN contact_addresses a ON a.id = v.address_id AND a.kind = 'phone'
WHERE v.sandbox_joined_at > @since AND c.gone = '' ORDER BY v.sandbox_joined_at DESC LIMIT @n
