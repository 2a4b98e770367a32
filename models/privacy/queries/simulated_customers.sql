-- The contacts with a number or a user id of one of the simulator's customers, locked.
SELECT c.id FROM contacts c WHERE c.id IN (
	SELECT a.contact_id FROM contact_addresses a JOIN simulator.records r ON r.kind = 'customer'
		AND a.address IN (r.doc->>'Phone', r.doc->>'UserID'))
ORDER BY c.id FOR UPDATE
