package reports

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const operator = models.Operator
	return []web.Route{
		web.GET("/reports", "reports", operator, h.showReports),
		web.GET("/reports/messages", "reports.messages", operator, h.showMessageReport),
		web.GET("/reports/messages.csv", "reports.messages.csv", operator, h.exportMessageReport),
	}
}
