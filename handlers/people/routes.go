package people

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent, operator, admin = models.Agent, models.Operator, models.Admin
	return []web.Route{
		web.GET("/contacts", "contacts", agent, h.showContacts),
		web.GET("/contacts/count", "contacts.count", agent, h.countContacts),
		web.GET("/contacts/filter", "contacts.filter", agent, h.addFilter),
		web.GET("/contacts/export", "contacts.export", operator, h.exportContacts),
		web.POST("/contacts/columns", "contacts.columns", agent, h.saveColumns),
		web.POST("/contacts/bulk", "contacts.bulk", operator, h.bulkChange),
		web.POST("/contacts/segments", "segments.save", agent, h.saveSegment),
		web.POST("/contacts/segments/:id/delete", "segment.delete", agent, h.deleteSegment),
		web.GET("/contacts/files/:id", "contact.file", agent, h.showContactFile),
		web.GET("/contacts/new", "contacts.new", operator, h.newContact),
		web.POST("/contacts", "contacts.add", operator, h.addContact),
		web.GET("/contacts/:id", "contact", agent, h.showContact),
		web.POST("/contacts/:id", "contact.save", operator, h.saveContact),
		web.GET("/contacts/:id/consent", "contact.evidence", agent, h.showEvidence),
		web.GET("/contacts/:id/consent.json", "contact.evidence.json", operator, h.exportEvidence),
		web.POST("/contacts/:id/consent", "contact.consent", operator, h.recordConsent).Limit(web.Media16MB),
		web.POST("/contacts/:id/block", "contact.block", operator, h.blockContact),
		web.POST("/contacts/:id/notes", "contact.note", agent, h.addContactNote),
		web.POST("/contacts/:id/notes/:note/remove", "contact.note.remove", agent, h.removeContactNote),
		web.POST("/contacts/:id/files", "contact.files.add", operator, h.addContactFile).Limit(web.Media16MB),
		web.POST("/contacts/:id/files/:file/remove", "contact.file.remove", operator, h.removeContactFile),
		web.POST("/contacts/:id/number", "contact.number", operator, h.chooseNumber),
		web.POST("/contacts/:id/merge", "contact.merge", operator, h.mergeContacts),
		web.GET("/contacts/:id/subject-access", "contact.subject-access", admin, h.showSubjectAccess),
		web.GET("/contacts/:id/subject-access.json", "contact.subject-access.json", admin, h.exportSubjectAccess),
		web.POST("/contacts/:id/erase", "contact.erase", admin, h.eraseContact),
		web.POST("/messages/:id/hint", "message.hint", agent, h.handleHint),
		web.POST("/contacts/:id/conversations", "contact.converse", agent, h.openConversation),
	}
}
