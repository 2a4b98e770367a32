// Package webhooks is what Twilio calls. A delivery that is correctly signed and names a message is answered with
// 200 after it was stored, or with 503 if it could not be stored, so that Twilio retries it or shows it as failed. With
// any other answer it would be lost (promise 4).
package webhooks

import (
	"log/slog"

	"golang.org/x/time/rate"

	"parley/models"
	"parley/services/messaging"
)

// Handlers answer for Twilio's webhooks.
type Handlers struct {
	Store     *models.Store
	Messaging *messaging.Service
	Log       *slog.Logger
	PublicURL string        // the address that Twilio's signatures cover
	Tokens    []string      // that webhooks may be signed with
	verdicts  *rate.Limiter // of refused webhooks that are kept
}

// New completes the handlers of webhooks.
func New(h Handlers) *Handlers {
	h.verdicts = rate.NewLimiter(1, 60)
	return &h
}
