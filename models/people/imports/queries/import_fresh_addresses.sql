-- Adds the numbers of contacts that were just added and returns the contacts that got one.
INSERT INTO contact_addresses (contact_id, kind, address, match)
SELECT id, 'phone', phone, match
FROM unnest(CAST(@ids AS bigint[]), CAST(@phones AS text[]), CAST(@matches AS text[])) AS x (id, phone, match)
ON CONFLICT (match) DO NOTHING RETURNING contact_id
