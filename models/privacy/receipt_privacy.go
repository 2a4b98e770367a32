package privacy

import (
	"context"
	"slices"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

var receiptsBeside = query("receipts_beside")

// addressesInReceipts are all addresses by which deliveries can refer to some contacts: those in written, in each form
// in which their countries write them, and those that came in one delivery with one of them, such as WhatsApp's user
// ids and their parent ids.
func addressesInReceipts(tx *models.Tx, family []int64, written []string) ([]string, error) {
	var known []string
	for _, a := range written {
		known = append(known, forms(a)...)
	}
	var beside []string
	err := base.DB(tx).Raw(receiptsBeside,
		map[string]any{
			"known":  append([]string{""}, known...),
			"array":  models.Texts(known).Text(),
			"family": family,
		}).
		Scan(&beside).
		Error
	for _, a := range beside {
		if !slices.Contains(known, a) {
			known = append(known, forms(a)...)
		}
	}
	return known, err
}

// forms are the ways in which an address may be written in a delivery.
func forms(address string) (out []string) {
	for _, a := range (whatsapp.Address{Phone: address}).Variants() {
		out = append(out, a.Phone)
	}
	return out
}

// RetainReceipts empties a part of the deliveries that are older than the retention of messages. The fact that they
// came stays, for as long as the inspector keeps deliveries. It returns how many were emptied.
func RetainReceipts(ctx context.Context, s *models.Store, p models.Privacy) (int64, error) {
	if p.MessageMonths == 0 {
		return 0, nil
	}
	res := base.Read(ctx, s).
		Exec(`WITH old AS (SELECT id FROM webhook_receipts WHERE received_at < ? AND (form <> '' OR raw_body IS NOT NULL)
				ORDER BY received_at LIMIT ? FOR UPDATE SKIP LOCKED)
			UPDATE webhook_receipts r SET form = '', raw_body = NULL FROM old WHERE r.id = old.id`,
			before(s, p.MessageMonths), retainPart)
	return res.RowsAffected, res.Error
}
