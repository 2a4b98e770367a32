package public

import (
	"parley/handlers/web"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.GET("/media/out/:id/:key", "media.out", web.Public, h.sendMediaOut),
		web.GET("/media/templates/:id/:key", "media.template", web.Public, h.sendTemplateFile),
		web.GET("/join/:slug", "join", web.Public, h.showJoin),
		web.POST("/join/:slug", "join.do", web.Public, h.join).Limit(16 << 10),
	}
}
