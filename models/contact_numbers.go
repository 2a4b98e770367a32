package models

import "context"

// numbersSQL are the numbers of some contacts. Those of one that was merged are the other one's now, at any depth.
const numbersSQL = `WITH RECURSIVE now_at AS (
		SELECT id AS contact, id, merged_into FROM contacts WHERE id IN ?
		UNION SELECT n.contact, c.id, c.merged_into FROM now_at n JOIN contacts c ON c.id = n.merged_into)
	SELECT n.contact, a.address FROM now_at n JOIN contact_addresses a ON a.contact_id = n.id
	WHERE a.kind <> 'whatsapp_id' ORDER BY a.id`

// NumbersOf are all numbers of some contacts by row id, the oldest first: the chosen one, those before it and those that came
// with a merge.
func (s *Store) NumbersOf(ctx context.Context, contactIDs []int64) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(contactIDs) == 0 {
		return out, nil
	}
	var rows []struct {
		Contact int64
		Address string
	}
	err := s.read(ctx).Raw(numbersSQL, contactIDs).Scan(&rows).Error
	for _, r := range rows {
		out[r.Contact] = append(out[r.Contact], r.Address)
	}
	return out, err
}
