package imports

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/importing"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const operator, admin = models.Operator, models.Admin
	return []web.Route{
		web.GET("/contacts/imports", "imports", operator, h.showImports),
		web.POST("/contacts/imports", "imports.upload", operator, h.uploadImport).Limit(importing.MaxFile + 1<<20),
		web.GET("/contacts/imports/:id", "import", operator, h.showImport),
		web.POST("/contacts/imports/:id/check", "import.check", operator, h.checkImport).Limit(web.Media16MB),
		web.POST("/contacts/imports/:id/confirm", "import.confirm", operator, h.confirmNumbers),
		web.POST("/contacts/imports/:id/start", "import.start", operator, h.startImport),
		web.POST("/contacts/imports/:id/cancel", "import.cancel", operator, h.cancelImport).Limit(web.Media16MB),
		web.POST("/contacts/imports/:id/undo", "import.undo", operator, h.undoImport),
		web.POST("/contacts/imports/:id/release", "import.release", admin, h.releaseImport),
		web.GET("/contacts/imports/:id/refused.csv", "import.refused", operator, h.sendRefused),
	}
}
