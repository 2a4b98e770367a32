package models

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

// ReceivedBy are the latest n notifications to a contact and those that were merged into it.
func (s *Store) ReceivedBy(ctx context.Context, contactID int64, n int) ([]ReceivedNotification, error) {
	var out []ReceivedNotification
	err := s.read(ctx).
		Raw(family+`SELECT n.public_id, p.name AS template, n.created_at, r.excluded, coalesce(m.status, '') AS status
		FROM notification_recipients r JOIN notifications n ON n.id = r.notification_id JOIN template_versions v ON v.id = n.version_id JOIN templates p ON p.id = v.template_id
		LEFT JOIN messages m ON m.id = r.message_id WHERE r.contact_id IN (SELECT id FROM family) ORDER BY r.id DESC LIMIT ?`, contactID, n).
		Scan(&out).
		Error
	return out, err
}
