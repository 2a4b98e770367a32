package conversations

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent = models.Agent
	return []web.Route{
		web.GET("/media/:id", "media", agent, h.showMedia),
		web.GET("/media/:id/thumb", "media.thumb", agent, h.showThumb),
		web.POST("/media/:id/fetch", "media.fetch", agent, h.refetch),
		web.GET("/uploads/:id", "upload", agent, h.showUpload),
		web.GET("/inbox/:id", "conversation", agent, h.showConversation),
		web.GET("/conversations/:id/messages", "conversation.messages", agent, h.showMessages),
		web.GET("/conversations/:id/people", "conversation.people", agent, h.showPeople),
		web.POST("/conversations/:id/heartbeat", "conversation.heartbeat", agent, h.heartbeat),
		web.POST("/conversations/:id/draft", "conversation.draft", agent, h.saveDraft),
		web.GET("/conversations/:id/composer", "conversation.composer", agent, h.showComposer),
		web.GET("/conversations/:id/templates", "conversation.templates", agent, h.listTemplates),
		web.GET("/conversations/:id/preview", "conversation.preview", agent, h.previewTemplate),
		web.GET("/conversations/:id/canned", "conversation.canned", agent, h.canned),
		web.POST("/conversations/:id/replies", "conversation.reply", agent, h.reply).Limit(web.Media16MB),
		web.POST("/conversations/:id/uploads", "conversation.upload", agent, h.upload).Limit(web.Media16MB),
		web.POST("/conversations/:id/uploads/:upload/drop", "conversation.upload.drop", agent, h.dropUpload),
		web.POST("/conversations/:id/notes", "conversation.note", agent, h.note),
		web.POST("/conversations/:id/scheduled-replies", "conversation.scheduled-reply", agent, h.scheduleReply),
		web.POST("/conversations/:id/templates", "conversation.template", agent, h.sendTemplate),
		web.POST("/scheduled-replies/:id/send", "scheduled-reply.send", agent, h.sendScheduledReply),
		web.POST("/scheduled-replies/:id/cancel", "scheduled-reply.cancel", agent, h.cancelScheduledReply),
		web.POST("/messages/:id/retry", "message.retry", agent, h.retryMessage),
		web.POST("/replies/:id/used", "reply.used", agent, h.usedCanned),
	}
}
