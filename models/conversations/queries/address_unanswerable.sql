-- The address @address if nothing can be sent to it, and whether its contact has another one that templates go to.
SELECT a.address, EXISTS (
	SELECT 1 FROM contact_addresses x WHERE x.contact_id = a.contact_id AND x.kind <> 'other') AS elsewhere
FROM contact_addresses a WHERE a.id = @address AND a.kind = 'other'
