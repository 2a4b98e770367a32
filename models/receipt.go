package models

import (
	"context"
	"time"
)

// WebhookReceipt is one delivery from Twilio and what came of it.
type WebhookReceipt struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Kind       string // message or status
	Verdict    string // accepted, repeated, bad_signature, malformed
	MessageSid string
	Effect     string
	Form       string // the raw form; empty unless the signature was right
	RequestID  string
	ReceivedAt time.Time `gorm:"default:now()"`
}

// AddReceipt keeps a verdict outside any other change, for deliveries that are refused.
func (s *Store) AddReceipt(ctx context.Context, r *WebhookReceipt) error {
	return s.read(ctx).Create(r).Error
}

// Receipts are the latest n deliveries, older than the one with id before if that is not 0.
func (s *Store) Receipts(ctx context.Context, verdict string, before int64, n int) ([]WebhookReceipt, error) {
	q := s.read(ctx).Order("id DESC").Limit(n)
	if verdict != "" {
		q = q.Where("verdict = ?", verdict)
	}
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var out []WebhookReceipt
	return out, q.Find(&out).Error
}
