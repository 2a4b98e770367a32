// Package reports has the reports.
package reports

import (
	"parley/handlers/web"
	"parley/models"
)

// Handlers answer for reports.
type Handlers struct {
	Site  *web.Site
	Store *models.Store
}
