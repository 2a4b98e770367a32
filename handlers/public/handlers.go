// Package public has what strangers may open: opt-in pages, and files that Twilio fetches.
package public

import (
	"time"

	"parley/models"
	"parley/services/media"
	peopleservice "parley/services/people"
	"parley/services/ratelimit"
)

// Handlers answer for strangers.
type Handlers struct {
	Store  *models.Store
	People *peopleservice.Service
	Media  *media.Files
	tries  *ratelimit.Limiter // forms of opt-in pages, by address
}

// New makes the handlers for strangers.
func New(store *models.Store, people *peopleservice.Service, files *media.Files) *Handlers {
	return &Handlers{Store: store, People: people, Media: files, tries: ratelimit.New(20*time.Second, 8)}
}
