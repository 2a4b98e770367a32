// Package messaging receives and sends messages: the webhooks' transactions (receive.go, status.go), what users write
// (reply.go), the dispatcher that empties the outbound queue (dispatch.go) and the settling of calls that ended without
// an answer (outcome_unknown.go).
package messaging

import (
	"log/slog"

	"parley/models"
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
	s.inbound = batcher[inbound]{store: store, concurrency: 3, maxBatch: 8, batch: s.receiveAll, single: s.receive}
	s.statuses = batcher[status]{store: store, concurrency: 2, maxBatch: 100, batch: s.takeStatuses, single: s.takeStatus}
	return s
}

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
