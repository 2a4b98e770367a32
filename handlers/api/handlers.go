// Package api is what other programs call. Errors are JSON: a field, a code and a sentence.
package api

import (
	"time"

	"parley/models"
	"parley/services/notifying"
	peopleservice "parley/services/people"
	"parley/services/ratelimit"
)

// Handlers answer for the API.
type Handlers struct {
	Store     *models.Store
	People    *peopleservice.Service
	Notifying *notifying.Service
	tries     *ratelimit.Limiter // by address
}

// New makes the handlers of the API.
func New(store *models.Store, people *peopleservice.Service, notifications *notifying.Service) *Handlers {
	tries := ratelimit.New(50*time.Millisecond, 100)
	return &Handlers{Store: store, People: people, Notifying: notifications, tries: tries}
}
