// Package imports has the imports of contacts from files.
package imports

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/contacts"
	"parley/services/importing"
)

// Handlers answer for imports.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Contacts  *contacts.Service
	Importing *importing.Service
}
