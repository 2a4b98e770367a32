// Package templates has templates: their list, their pages, their editor and the library.
package templates

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/approvals"
	"parley/services/media"
)

// Handlers answer for templates.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Approvals *approvals.Service
	Media     *media.Files
}
