-- All numbers of the contacts @contacts, the oldest first, with those of the contacts that were merged into them, at
-- any depth.
WITH RECURSIVE now_at AS (
	SELECT id AS contact, id, merged_into FROM contacts WHERE id IN @contacts
	UNION SELECT n.contact, c.id, c.merged_into FROM now_at n JOIN contacts c ON c.id = n.merged_into)
SELECT n.contact, a.address FROM now_at n JOIN contact_addresses a ON a.contact_id = n.id
WHERE a.kind <> 'whatsapp_id' ORDER BY a.id
