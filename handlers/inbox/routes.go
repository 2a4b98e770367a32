package inbox

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent = models.Agent
	return []web.Route{
		web.GET("/inbox", "inbox", agent, h.showInbox),
		web.POST("/inbox/filters", "inbox.filters", agent, h.saveInboxFilter),
		web.POST("/inbox/filters/:id/delete", "inbox.filter.delete", agent, h.deleteInboxFilter),
		web.POST("/conversations/change", "conversations.change", agent, h.change),
		web.POST("/conversations/undo/:batch", "conversations.undo", agent, h.undo),
		web.POST("/conversations/:id/macro", "conversation.macro", agent, h.runMacro),
	}
}
