-- The address of a contact c that templates go to: its chosen number, else the newest address.
(SELECT x.id FROM contact_addresses x WHERE x.contact_id = c.id
	ORDER BY coalesce(x.kind = 'phone' AND x.address = c.phone, false) DESC, x.kind = 'phone' DESC,
		x.kind = 'whatsapp_id' DESC, x.id DESC LIMIT 1)
