// Package home has the start page, alerts, and what every page refreshes of its frame.
package home

import (
	"parley/handlers/web"
	"parley/models"
)

// Handlers answer for the start page.
type Handlers struct {
	Site  *web.Site
	Store *models.Store
}
