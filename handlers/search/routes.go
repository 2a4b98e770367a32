package search

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent = models.Agent
	return []web.Route{
		web.GET("/search", "search", agent, h.showSearch),
		web.GET("/palette", "palette", agent, h.showPalette),
	}
}
