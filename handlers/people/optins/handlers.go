// Package optins has the places where people opt in: pages, forms and the API's keys.
package optins

import (
	"parley/handlers/web"
	"parley/models"
	peopleservice "parley/services/people"
)

// Handlers answer for opt-in sources.
type Handlers struct {
	Site   *web.Site
	Store  *models.Store
	People *peopleservice.Service
}
