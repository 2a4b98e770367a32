package models

import (
	"context"
	"strconv"
)

// ReceiptDays is for how many days the webhook inspector keeps accepted deliveries.
func (s *Store) ReceiptDays(ctx context.Context) (int, error) {
	days := 90
	err := setting(s.read(ctx), "receipt_days", &days)
	return days, err
}

// SaveReceiptDays changes it.
func (tx *Tx) SaveReceiptDays(a Actor, days int) error {
	return tx.saveSetting(a, "receipt_days", days, "The webhook inspector keeps deliveries for "+strconv.Itoa(days)+" days")
}
