package notifications

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const operator = models.Operator
	return []web.Route{
		web.GET("/notifications", "notifications", operator, h.showNotifications),
		web.POST("/messages/:id/decide", "message.decide", operator, h.decideMessage),
		web.GET("/notifications/:id", "notification", operator, h.showNotification),
		web.GET("/notifications/:id/recipients.csv", "notification.export", operator, h.exportRecipients),
		web.POST("/notifications/:id/start", "notification.start", operator, h.startNotification),
		web.POST("/notifications/:id/approve", "notification.approve", operator, h.approveNotification),
		web.POST("/notifications/:id/pause", "notification.pause", operator, h.pauseNotification),
		web.POST("/notifications/:id/test", "notification.test", operator, h.testNotification),
		web.POST("/notifications/:id/resend", "notification.resend", operator, h.resend),
		web.POST("/notifications/:id/repeat", "notification.repeat", operator, h.repeatNotification),
		web.POST("/notifications/:id/resume", "notification.resume", operator, h.resumeNotification),
		web.POST("/notifications/:id/cancel", "notification.cancel", operator, h.cancelNotification),
	}
}

// Routes are this area's part of the routing table.
func (e *Editor) Routes() []web.Route {
	const operator = models.Operator
	return []web.Route{
		web.GET("/notifications/new", "notifications.new", operator, e.newNotification),
		web.POST("/notifications", "notifications.save", operator, e.saveNotification).Limit(web.Media16MB),
		web.GET("/notifications/:id/edit", "notification.edit", operator, e.editNotification),
		web.POST("/notifications/:id", "notification.save", operator, e.saveNotification).Limit(web.Media16MB),
	}
}
