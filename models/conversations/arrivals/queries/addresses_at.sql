-- The addresses with some matches, each with the number that it came with last.
SELECT a.id, a.match, a.address, coalesce(a.number_id, 0) AS number_id, coalesce(n.address, '') AS number
FROM contact_addresses a LEFT JOIN contact_addresses n ON n.id = a.number_id
WHERE a.match IN @matches
