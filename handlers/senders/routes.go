package senders

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const admin = models.Admin
	return []web.Route{
		web.GET("/settings/senders", "senders", admin, h.showSenders),
		web.POST("/settings/senders", "senders.add", admin, h.saveSender),
		web.GET("/settings/senders/register", "senders.register", admin, h.newRegistration),
		web.POST("/settings/senders/register", "senders.register.do", admin, h.register),
		web.GET("/settings/senders/:id", "sender", admin, h.showSender),
		web.POST("/settings/senders/:id", "sender.save", admin, h.saveSender),
		web.POST("/settings/senders/:id/profile", "sender.profile", admin, h.saveProfile),
		web.POST("/settings/senders/:id/verify", "sender.verify", admin, h.verifySender),
		web.POST("/settings/senders/:id/webhooks", "sender.webhooks", admin, h.fixWebhooks),
		web.GET("/settings/senders/:id/move", "sender.move", admin, h.showMove),
		web.POST("/settings/senders/:id/move", "sender.move.do", admin, h.moveTo),
	}
}
