package notifications

import (
	"context"
	"time"

	"parley/whatsapp"
)

// ReceivedNotification is a notification as one contact got it, or was left out of it.
type ReceivedNotification struct {
	PublicID  string
	Template  string
	CreatedAt time.Time
	Excluded  whatsapp.Exclusion
	Status    whatsapp.Status
}

var receivedBy = query("received_by")

// ReceivedBy are the latest n notifications to a contact and those that were merged into it.
func (r Reads) ReceivedBy(ctx context.Context, contactID int64, n int) ([]ReceivedNotification, error) {
	var out []ReceivedNotification
	err := r.read(ctx).Raw(receivedBy, map[string]any{"contact": contactID, "n": n}).Scan(&out).Error
	return out, err
}
