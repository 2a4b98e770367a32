package settings

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent, operator, admin = models.Agent, models.Operator, models.Admin
	return []web.Route{
		web.GET("/replies", "replies", agent, h.showReplies),
		web.POST("/replies", "replies.add", agent, h.saveReply),
		web.POST("/replies/:id", "reply.save", agent, h.saveReply),
		web.POST("/replies/:id/delete", "reply.delete", agent, h.deleteReply),
		web.GET("/notifications/settings", "notifications.rules", operator, h.showNotifyRules),
		web.POST("/notifications/settings", "notifications.rules.save", admin, h.saveNotifyRules),
		web.POST("/notifications/keys", "api.keys.add", admin, h.newAPIKey),
		web.POST("/notifications/keys/:id/revoke", "api.key.revoke", admin, h.revokeAPIKey),
		web.GET("/settings/contacts", "settings.contacts", admin, h.showContactSettings),
		web.POST("/settings/tags", "tags.add", admin, h.addTag),
		web.POST("/settings/tags/:id", "tag.save", admin, h.saveTag),
		web.POST("/settings/fields", "fields.add", admin, h.addField),
		web.POST("/settings/fields/:id", "field.save", admin, h.saveField),
		web.POST("/settings/topics", "topics.add", admin, h.addTopic),
		web.POST("/settings/topics/:id/archive", "topic.archive", admin, h.archiveTopic),
		web.GET("/settings/keywords", "keywords", admin, h.showKeywords),
		web.POST("/settings/keywords", "keywords.save", admin, h.saveKeywords),
		web.GET("/settings/privacy", "privacy", admin, h.showPrivacy),
		web.POST("/settings/privacy", "privacy.save", admin, h.savePrivacy),
		web.GET("/settings/inbox", "settings.inbox", admin, h.showInboxSettings),
		web.POST("/settings/inbox", "settings.inbox.save", admin, h.saveInboxSettings),
		web.GET("/settings/macros", "macros", admin, h.showMacros),
		web.POST("/settings/macros", "macros.add", admin, h.saveMacro),
		web.POST("/settings/macros/:id", "macro.save", admin, h.saveMacro),
		web.POST("/settings/macros/:id/delete", "macro.delete", admin, h.deleteMacro),
		web.POST("/settings/labels", "labels.add", admin, h.saveLabel),
		web.POST("/settings/labels/:id", "label.save", admin, h.saveLabel),
		web.GET("/settings/webhooks", "webhooks", admin, h.showWebhooks),
		web.POST("/settings/webhooks/days", "webhooks.days", admin, h.saveReceiptDays),
		web.GET("/settings/webhooks/:id", "webhook", admin, h.showWebhook),
		web.POST("/settings/webhooks/:id/replay", "webhook.replay", admin, h.replayWebhook),
		web.GET("/settings/audit", "audit", admin, h.showAudit),
	}
}
