package senders

import (
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// SlowDown notes that WhatsApp reported a sender as too fast, at most once a second.
func SlowDown(tx *models.Tx, senderID int64) error {
	return base.DB(tx).Exec("UPDATE senders SET slowed_at = ? WHERE id = ? AND (slowed_at IS NULL OR slowed_at < ?)",
		tx.Now(), senderID, tx.Now().Add(-time.Second)).Error
}
