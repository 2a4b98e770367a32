// Package search has the search and the palette.
package search

import (
	"parley/handlers/web"
	"parley/models"
)

// Handlers answer for searches.
type Handlers struct {
	Site  *web.Site
	Store *models.Store
}
