// Package public has what strangers may open: opt-in pages, and files that Twilio fetches.
package public

import (
	"time"

	"parley/handlers/web"
	"parley/models"
	"parley/services/contacts"
	"parley/services/media"
)

// Handlers answer for strangers.
type Handlers struct {
	Store    *models.Store
	Contacts *contacts.Service
	Media    *media.Files
	tries    *web.Limits // forms of opt-in pages, by address
}

// New makes the handlers for strangers.
func New(store *models.Store, people *contacts.Service, files *media.Files) *Handlers {
	return &Handlers{Store: store, Contacts: people, Media: files, tries: web.NewLimits(20*time.Second, 8)}
}
