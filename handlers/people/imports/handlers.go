// Package imports has the imports of contacts from files.
package imports

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/importing"
	peopleservice "parley/services/people"
)

// Handlers answer for imports.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	People    *peopleservice.Service
	Importing *importing.Service
}
