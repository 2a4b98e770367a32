package api

import (
	"parley/handlers/web"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.POST("/api/v1/opt-ins", "api.optins", web.Public, h.apiOptin).Limit(64 << 10),
		web.POST("/api/v1/notifications/send", "api.notify", web.Public, h.apiNotify).Limit(64 << 10),
	}
}
