-- The contact c with the number of a row r of an import, if there is one.
	LEFT JOIN contact_addresses a ON a.match = r.match LEFT JOIN contacts c ON c.id = a.contact_id
