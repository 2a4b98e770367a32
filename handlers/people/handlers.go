// Package people has contacts: their list, each one's page, and the record of their consent.
package people

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/importing"
	"parley/services/media"
	"parley/services/messaging"
	peopleservice "parley/services/people"
)

// Handlers answer for contacts.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	People    *peopleservice.Service
	Importing *importing.Service
	Media     *media.Files
	Messaging *messaging.Service
}
