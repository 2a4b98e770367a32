package templates

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent, operator, admin = models.Agent, models.Operator, models.Admin
	return []web.Route{
		web.GET("/templates", "templates", agent, h.showTemplates),
		web.GET("/templates/new", "templates.new", operator, h.newTemplate),
		web.POST("/templates/save", "templates.save", operator, h.saveTemplate),
		web.POST("/templates/autosave", "templates.autosave", operator, h.autosave),
		web.POST("/templates/check", "templates.check", operator, h.checkTemplate),
		web.POST("/templates/parts", "templates.parts", operator, h.editParts),
		web.POST("/templates/test", "templates.test", operator, h.testTemplate),
		web.POST("/templates/files", "templates.files", operator, h.addTemplateFile).Limit(web.Media16MB),
		web.POST("/templates/import", "templates.import", operator, h.importTemplates),
		web.GET("/templates/library", "templates.library", operator, h.showLibrary),
		web.POST("/templates/library", "templates.starter", operator, h.useStarter),
		web.GET("/templates/sheet", "templates.sheet", operator, h.showSheet),
		web.POST("/templates/sheet", "templates.sheet.do", operator, h.importSheet).Limit(web.Media5MB),
		web.GET("/templates/:id", "template", agent, h.showTemplate),
		web.GET("/templates/:id/compare", "template.compare", agent, h.compareVersions),
		web.POST("/templates/:id/languages", "template.language", operator, h.addLanguage),
		web.POST("/templates/:id/settings", "template.settings", operator, h.saveTemplateSettings),
		web.POST("/templates/:id/archive", "template.archive", operator, h.archiveTemplate),
		web.POST("/templates/:id/delete", "template.delete", operator, h.deleteTemplate),
		web.GET("/versions/:id/edit", "version.edit", operator, h.editVersion),
		web.GET("/versions/:id/others", "version.others", operator, h.others),
		web.POST("/versions/:id/next", "version.next", operator, h.nextVersion),
		web.POST("/versions/:id/sid", "version.sid", admin, h.setSandboxSid),
		web.POST("/versions/:id/duplicate", "version.duplicate", operator, h.duplicateVersion),
		web.POST("/versions/:id/discard", "version.discard", operator, h.discardDraft),
	}
}
