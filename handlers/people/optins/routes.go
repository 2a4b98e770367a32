package optins

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const operator, admin = models.Operator, models.Admin
	return []web.Route{
		web.GET("/contacts/optins", "optins", operator, h.showOptins),
		web.POST("/contacts/optins", "optins.add", operator, h.saveOptin),
		web.GET("/contacts/optins/new", "optins.new", operator, h.newOptin),
		web.GET("/contacts/optins/:id", "optin", operator, h.showOptin),
		web.POST("/contacts/optins/:id", "optin.save", operator, h.saveOptin),
		web.POST("/contacts/optins/:id/close", "optin.close", operator, h.closeOptin),
		web.POST("/contacts/optins/:id/key", "optin.key", admin, h.newOptinKey),
		web.GET("/contacts/optins/:id/qr.svg", "optin.qr", operator, h.optinQR),
	}
}
