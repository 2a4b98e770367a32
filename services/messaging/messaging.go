// Package messaging receives and sends messages: the webhooks' transactions (receive.go, status.go), what users write
// (reply.go), the dispatcher that empties the outbound queue (dispatch.go) and the settling of calls that ended without
// an answer (outcome_unknown.go).
package messaging

import (
	"context"
	"log/slog"
	"time"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/whatsapp"
)

// Service writes messages. Nothing in it calls Twilio: that happens in the Dispatcher.
type Service struct {
	store    *models.Store
	log      *slog.Logger
	inbound  batcher[inbound]
	statuses batcher[status]
}

// New makes the service.
func New(store *models.Store, log *slog.Logger) *Service {
	s := &Service{store: store, log: log}
	s.inbound = batcher[inbound]{
		store:       store,
		concurrency: 3,
		maxBatch:    8,
		longest:     twilioWaits,
		batch:       s.receiveAll,
		single:      s.receive,
		lost: func(ctx context.Context, d inbound, err error) {
			s.lost(ctx, receipts.MessageReceipt, d.Delivery, err)
		},
	}
	s.statuses = batcher[status]{
		store:       store,
		concurrency: 2,
		maxBatch:    100,
		longest:     twilioWaits,
		batch:       s.takeStatuses,
		single:      s.takeStatus,
		lost: func(ctx context.Context, d status, err error) {
			s.lost(ctx, receipts.StatusReceipt, d.Delivery, err)
		},
	}
	return s
}

// twilioWaits is how long Twilio waits for the answer to a webhook. Source: Twilio, "Webhooks connection overrides".
const twilioWaits = 15 * time.Second

// FetchMediaArgs asks a job to fetch a file that came with a message.
type FetchMediaArgs struct {
	MediaID int64 `json:"media_id"`
}

// Kind names the job.
func (FetchMediaArgs) Kind() string { return "fetch_media" }

// checkBody refuses an empty or over-long text.
func checkBody(field, text string, limit int) error {
	switch n := whatsapp.Length(text); {
	case n == 0:
		return models.Invalid(field, "message.empty")
	case n > limit:
		return tooLong(field, n, limit)
	}
	return nil
}
