// Package people has contacts: their list, each one's page, and the record of their consent.
package people

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/contacts"
	"parley/services/importing"
	"parley/services/media"
	"parley/services/messaging"
)

// Handlers answer for contacts.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Contacts  *contacts.Service
	Importing *importing.Service
	Media     *media.Files
	Messaging *messaging.Service
}
