-- A text @text of the contact c, normalized, with a space for each run of digits that has six consecutive ones in
-- common with one of the person's numbers. @runs splits a normalized text into runs of digits and the text between
-- them.
(SELECT coalesce(string_agg(CASE WHEN EXISTS (
		SELECT 1 FROM contact_addresses a, generate_series(1, length(p.digits) - 5) i
		WHERE a.contact_id = c.id AND a.kind <> 'whatsapp_id' AND strpos(a.address, substr(p.digits, i, 6)) > 0
	) THEN ' ' ELSE p.part END, '' ORDER BY p.n), '')
	FROM (SELECT m.part[1] AS part, m.n, replace(m.part[1], ' ', '') AS digits
		FROM regexp_matches(translate(@text, @plain_from, @plain_to), @runs, 'g')
			WITH ORDINALITY AS m(part, n)) p)
