package onboarding

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent, operator, admin = models.Agent, models.Operator, models.Admin
	return []web.Route{
		web.GET("/start", "start", agent, h.showStart),
		web.POST("/start/test/:what", "start.test", admin, h.testConnection),
		web.GET("/sandbox", "sandbox", agent, h.showSandbox),
		web.POST("/sandbox/words", "sandbox.words", admin, h.saveJoinWords),
		web.POST("/sandbox/send", "sandbox.send", agent, h.sendFromSandbox),
		web.GET("/access", "access", agent, h.showAccess),
		web.GET("/access/new", "access.new", admin, h.newAccessRequest),
		web.POST("/access", "access.add", admin, h.saveAccessRequest),
		web.GET("/access/:id", "access.request", agent, h.showAccessRequest),
		web.GET("/access/:id/edit", "access.edit", admin, h.editAccessRequest),
		web.POST("/access/:id", "access.save", admin, h.saveAccessRequest),
		web.POST("/access/autosave", "access.autosave", admin, h.autosaveAccess),
		web.GET("/access/files/:id", "access.file", agent, h.showAccessFile),
		web.POST("/access/:id/move", "access.move", admin, h.moveAccessRequest).Limit(web.Media16MB),
		web.POST("/access/:id/files", "access.files.add", admin, h.addAccessFile).Limit(web.Media16MB),
		web.POST("/access/:id/files/:file/remove", "access.file.remove", admin, h.removeAccessFile),
		web.POST("/access/:id/restart", "access.restart", admin, h.restartAccessRequest),
		web.POST("/access/:id/website", "access.website", admin, h.checkWebsite),
		web.GET("/access/:id/submission", "access.submission", operator, h.showSubmission),
		web.GET("/access/:id/submission.json", "access.submission.json", operator, h.exportSubmission),
		web.GET("/settings/health", "health", admin, h.showHealth),
	}
}
