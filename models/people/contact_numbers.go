package people

import "context"

var contactNumbers = query("contact_numbers")

// NumbersOf are all numbers of some contacts by row id, the oldest first: the chosen one, earlier ones and those that
// came with a merge.
func (r Reads) NumbersOf(ctx context.Context, contactIDs []int64) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(contactIDs) == 0 {
		return out, nil
	}
	var rows []struct {
		Contact int64
		Address string
	}
	err := r.read(ctx).Raw(contactNumbers, map[string]any{"contacts": contactIDs}).Scan(&rows).Error
	for _, row := range rows {
		out[row.Contact] = append(out[row.Contact], row.Address)
	}
	return out, err
}
