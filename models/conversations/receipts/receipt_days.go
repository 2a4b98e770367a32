package receipts

import (
	"context"
	"strconv"

	"parley/models"
)

// ReceiptDays is for how many days the webhook inspector keeps accepted deliveries.
func (r Reads) ReceiptDays(ctx context.Context) (int, error) {
	days := 90
	err := models.Setting(r.read(ctx), "receipt_days", &days)
	return days, err
}

// SaveReceiptDays changes it.
func SaveReceiptDays(tx *models.Tx, a models.Actor, days int) error {
	return models.SaveSetting(
		tx,
		a,
		"receipt_days",
		days,
		"The webhook inspector keeps deliveries for "+strconv.Itoa(days)+" days",
	)
}
