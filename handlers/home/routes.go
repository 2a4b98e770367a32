package home

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent = models.Agent
	return []web.Route{
		web.GET("/", "home", agent, h.showHome),
		web.GET("/nav", "nav", agent, h.showNav),
		web.GET("/banner", "banner", agent, h.showBanner),
		web.GET("/alerts", "alerts", agent, h.showAlerts),
		web.GET("/bell", "bell", agent, h.showBell),
	}
}
