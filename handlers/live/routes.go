package live

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent = models.Agent
	return []web.Route{
		web.GET("/events", "events", agent, h.events),
	}
}
