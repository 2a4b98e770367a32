package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/health"
	"parley/services/importing"
)

// Public is the role of routes that don't require signing in.
const Public models.Role = ""

// Route is one entry of the routing table, with the role that may use it.
type Route struct {
	Method, Path, Name string
	Role               models.Role
	Handler            echo.HandlerFunc
	Limit              int64 // bytes of body; 256 KiB if 0
}

// Table returns the routes of a program with these dependencies, for tests that check all of them.
func Table(d Deps) []Route { return (&App{Deps: d}).Routes() }

// Routes returns all routes except the static files and the simulator's.
func (a *App) Routes() []Route {
	const agent, operator, admin = models.Agent, models.Operator, models.Admin
	rs := []Route{
		{"GET", "/healthz", "healthz", Public, a.healthz, 0},
		{"GET", "/readyz", "readyz", Public, a.readyz, 0},
		{"GET", "/manifest.webmanifest", "manifest", Public, showManifest, 0},
		{"POST", "/webhooks/twilio/messages", "webhook.messages", Public, a.receiveMessage, webhook4MB},
		{"POST", "/webhooks/twilio/status", "webhook.status", Public, a.receiveStatus, webhook4MB},
		{"GET", "/media/out/:id/:key", "media.out", Public, a.sendMediaOut, 0},

		{"GET", "/media/templates/:id/:key", "media.template", Public, a.sendTemplateFile, 0},

		{"GET", "/signin", "signin", Public, a.showSignIn, 0},
		{"POST", "/signin", "signin.do", Public, a.signIn, 0},
		{"POST", "/signout", "signout", Public, a.signOut, 0},
		{"GET", "/account", "account", agent, a.showAccount, 0},
		{"POST", "/account/password", "account.password", agent, a.changeOwnPassword, 0},
		{"POST", "/account/availability", "account.availability", agent, a.setAvailability, 0},
		{"POST", "/account/preferences", "account.preferences", agent, a.savePreferences, 0},
		{"POST", "/account/sessions/:id/revoke", "account.revoke", agent, a.revokeSession, 0},

		{"GET", "/", "home", agent, a.showHome, 0},
		{"GET", "/nav", "nav", agent, a.showNav, 0},
		{"GET", "/banner", "banner", agent, a.showBanner, 0},
		{"GET", "/events", "events", agent, a.events, 0},
		{"GET", "/media/:id", "media", agent, a.showMedia, 0},
		{"GET", "/media/:id/thumb", "media.thumb", agent, a.showThumb, 0},
		{"POST", "/media/:id/fetch", "media.fetch", agent, a.refetch, 0},
		{"GET", "/uploads/:id", "upload", agent, a.showUpload, 0},

		{"GET", "/inbox", "inbox", agent, a.showInbox, 0},
		{"POST", "/inbox/filters", "inbox.filters", agent, a.saveInboxFilter, 0},
		{"POST", "/inbox/filters/:id/delete", "inbox.filter.delete", agent, a.deleteInboxFilter, 0},
		{"GET", "/inbox/:id", "conversation", agent, a.showConversation, 0},
		{"POST", "/conversations/change", "conversations.change", agent, a.change, 0},
		{"POST", "/conversations/undo/:batch", "conversations.undo", agent, a.undo, 0},
		{"GET", "/conversations/:id/messages", "conversation.messages", agent, a.showMessages, 0},
		{"GET", "/conversations/:id/people", "conversation.people", agent, a.showPeople, 0},
		{"POST", "/conversations/:id/heartbeat", "conversation.heartbeat", agent, a.heartbeat, 0},
		{"POST", "/conversations/:id/draft", "conversation.draft", agent, a.saveDraft, 0},
		{"GET", "/conversations/:id/composer", "conversation.composer", agent, a.showComposer, 0},
		{"GET", "/conversations/:id/templates", "conversation.templates", agent, a.listTemplates, 0},
		{"GET", "/conversations/:id/preview", "conversation.preview", agent, a.previewTemplate, 0},
		{"GET", "/conversations/:id/canned", "conversation.canned", agent, a.canned, 0},
		{"POST", "/conversations/:id/replies", "conversation.reply", agent, a.reply, media16MB},
		{"POST", "/conversations/:id/uploads", "conversation.upload", agent, a.upload, media16MB},
		{"POST", "/conversations/:id/uploads/:upload/drop", "conversation.upload.drop", agent, a.dropUpload, 0},
		{"POST", "/conversations/:id/notes", "conversation.note", agent, a.note, 0},
		{"POST", "/conversations/:id/scheduled-replies", "conversation.scheduled-reply", agent, a.scheduleReply, 0},
		{"POST", "/conversations/:id/templates", "conversation.template", agent, a.sendTemplate, 0},
		{"POST", "/conversations/:id/macro", "conversation.macro", agent, a.runMacro, 0},
		{"POST", "/scheduled-replies/:id/send", "scheduled-reply.send", agent, a.sendScheduledReply, 0},
		{"POST", "/scheduled-replies/:id/cancel", "scheduled-reply.cancel", agent, a.cancelScheduledReply, 0},
		{"POST", "/messages/:id/retry", "message.retry", agent, a.retryMessage, 0},
		{"GET", "/replies", "replies", agent, a.showReplies, 0},
		{"POST", "/replies", "replies.add", agent, a.saveReply, 0},
		{"POST", "/replies/:id", "reply.save", agent, a.saveReply, 0},
		{"POST", "/replies/:id/used", "reply.used", agent, a.usedCanned, 0},
		{"POST", "/replies/:id/delete", "reply.delete", agent, a.deleteReply, 0},
		{"GET", "/search", "search", agent, a.showSearch, 0},
		{"GET", "/palette", "palette", agent, a.showPalette, 0},
		{"GET", "/reports", "reports", operator, a.showReports, 0},
		{"GET", "/reports/messages", "reports.messages", operator, a.showMessageReport, 0},
		{"GET", "/reports/messages.csv", "reports.messages.csv", operator, a.exportMessageReport, 0},

		{"GET", "/contacts", "contacts", agent, a.showContacts, 0},
		{"GET", "/contacts/count", "contacts.count", agent, a.countContacts, 0},
		{"GET", "/contacts/filter", "contacts.filter", agent, a.addFilter, 0},
		{"GET", "/contacts/export", "contacts.export", operator, a.exportContacts, 0},
		{"POST", "/contacts/columns", "contacts.columns", agent, a.saveColumns, 0},
		{"POST", "/contacts/bulk", "contacts.bulk", operator, a.bulkChange, 0},
		{"POST", "/contacts/segments", "segments.save", agent, a.saveSegment, 0},
		{"POST", "/contacts/segments/:id/delete", "segment.delete", agent, a.deleteSegment, 0},
		{"GET", "/contacts/imports", "imports", operator, a.showImports, 0},
		{"POST", "/contacts/imports", "imports.upload", operator, a.uploadImport, importing.MaxFile + 1<<20},
		{"GET", "/contacts/imports/:id", "import", operator, a.showImport, 0},
		{"POST", "/contacts/imports/:id/check", "import.check", operator, a.checkImport, media16MB},
		{"POST", "/contacts/imports/:id/confirm", "import.confirm", operator, a.confirmNumbers, 0},
		{"POST", "/contacts/imports/:id/start", "import.start", operator, a.startImport, 0},
		{"POST", "/contacts/imports/:id/cancel", "import.cancel", operator, a.cancelImport, media16MB},
		{"POST", "/contacts/imports/:id/undo", "import.undo", operator, a.undoImport, 0},
		{"POST", "/contacts/imports/:id/release", "import.release", admin, a.releaseImport, 0},
		{"GET", "/contacts/imports/:id/refused.csv", "import.refused", operator, a.sendRefused, 0},
		{"GET", "/contacts/files/:id", "contact.file", agent, a.showContactFile, 0},
		{"GET", "/contacts/optins", "optins", operator, a.showOptins, 0},
		{"POST", "/contacts/optins", "optins.add", operator, a.saveOptin, 0},
		{"GET", "/contacts/optins/new", "optins.new", operator, a.newOptin, 0},
		{"GET", "/contacts/optins/:id", "optin", operator, a.showOptin, 0},
		{"POST", "/contacts/optins/:id", "optin.save", operator, a.saveOptin, 0},
		{"POST", "/contacts/optins/:id/close", "optin.close", operator, a.closeOptin, 0},
		{"POST", "/contacts/optins/:id/key", "optin.key", admin, a.newOptinKey, 0},
		{"GET", "/contacts/optins/:id/qr.svg", "optin.qr", operator, a.optinQR, 0},
		{"GET", "/contacts/new", "contacts.new", operator, a.newContact, 0},
		{"POST", "/contacts", "contacts.add", operator, a.addContact, 0},
		{"GET", "/contacts/:id", "contact", agent, a.showContact, 0},
		{"POST", "/contacts/:id", "contact.save", operator, a.saveContact, 0},
		{"GET", "/contacts/:id/consent", "contact.evidence", agent, a.showEvidence, 0},
		{"GET", "/contacts/:id/consent.json", "contact.evidence.json", operator, a.exportEvidence, 0},
		{"POST", "/contacts/:id/consent", "contact.consent", operator, a.recordConsent, media16MB},
		{"POST", "/contacts/:id/block", "contact.block", operator, a.blockContact, 0},
		{"POST", "/contacts/:id/notes", "contact.note", agent, a.addContactNote, 0},
		{"POST", "/contacts/:id/notes/:note/remove", "contact.note.remove", agent, a.removeContactNote, 0},
		{"POST", "/contacts/:id/files", "contact.files.add", operator, a.addContactFile, media16MB},
		{"POST", "/contacts/:id/files/:file/remove", "contact.file.remove", operator, a.removeContactFile, 0},
		{"POST", "/contacts/:id/number", "contact.number", operator, a.chooseNumber, 0},
		{"POST", "/contacts/:id/merge", "contact.merge", operator, a.mergeContacts, 0},
		{"GET", "/contacts/:id/subject-access", "contact.subject-access", admin, a.showSubjectAccess, 0},
		{"GET", "/contacts/:id/subject-access.json", "contact.subject-access.json", admin, a.exportSubjectAccess, 0},
		{"POST", "/contacts/:id/erase", "contact.erase", admin, a.eraseContact, 0},
		{"POST", "/messages/:id/hint", "message.hint", agent, a.handleHint, 0},
		{"GET", "/join/:slug", "join", Public, a.showJoin, 0},
		{"POST", "/join/:slug", "join.do", Public, a.join, 16 << 10},
		{"POST", "/api/v1/opt-ins", "api.optins", Public, a.apiOptin, 64 << 10},
		{"POST", "/contacts/:id/conversations", "contact.converse", agent, a.openConversation, 0},

		{"GET", "/alerts", "alerts", agent, a.showAlerts, 0},
		{"GET", "/bell", "bell", agent, a.showBell, 0},

		{"GET", "/templates", "templates", agent, a.showTemplates, 0},
		{"GET", "/templates/new", "templates.new", operator, a.newTemplate, 0},
		{"POST", "/templates/save", "templates.save", operator, a.saveTemplate, 0},
		{"POST", "/templates/autosave", "templates.autosave", operator, a.autosave, 0},
		{"POST", "/templates/check", "templates.check", operator, a.checkTemplate, 0},
		{"POST", "/templates/parts", "templates.parts", operator, a.editParts, 0},
		{"POST", "/templates/test", "templates.test", operator, a.testTemplate, 0},
		{"POST", "/templates/files", "templates.files", operator, a.addTemplateFile, media16MB},
		{"POST", "/templates/import", "templates.import", operator, a.importTemplates, 0},
		{"GET", "/templates/library", "templates.library", operator, a.showLibrary, 0},
		{"POST", "/templates/library", "templates.starter", operator, a.useStarter, 0},
		{"GET", "/templates/sheet", "templates.sheet", operator, a.showSheet, 0},
		{"POST", "/templates/sheet", "templates.sheet.do", operator, a.importSheet, media5MB},
		{"GET", "/templates/:id", "template", agent, a.showTemplate, 0},
		{"GET", "/templates/:id/compare", "template.compare", agent, a.compareVersions, 0},
		{"POST", "/templates/:id/languages", "template.language", operator, a.addLanguage, 0},
		{"POST", "/templates/:id/settings", "template.settings", operator, a.saveTemplateSettings, 0},
		{"POST", "/templates/:id/archive", "template.archive", operator, a.archiveTemplate, 0},
		{"POST", "/templates/:id/delete", "template.delete", operator, a.deleteTemplate, 0},
		{"GET", "/versions/:id/edit", "version.edit", operator, a.editVersion, 0},
		{"GET", "/versions/:id/others", "version.others", operator, a.others, 0},
		{"POST", "/versions/:id/next", "version.next", operator, a.nextVersion, 0},
		{"POST", "/versions/:id/sid", "version.sid", admin, a.setSandboxSid, 0},
		{"POST", "/versions/:id/duplicate", "version.duplicate", operator, a.duplicateVersion, 0},
		{"POST", "/versions/:id/discard", "version.discard", operator, a.discardDraft, 0},

		{"GET", "/notifications", "notifications", operator, a.showNotifications, 0},
		{"GET", "/notifications/new", "notifications.new", operator, a.newNotification, 0},
		{"POST", "/notifications", "notifications.save", operator, a.saveNotification, media16MB},
		{"GET", "/notifications/settings", "notifications.rules", operator, a.showNotifyRules, 0},
		{"POST", "/notifications/settings", "notifications.rules.save", admin, a.saveNotifyRules, 0},
		{"POST", "/notifications/keys", "api.keys.add", admin, a.newAPIKey, 0},
		{"POST", "/notifications/keys/:id/revoke", "api.key.revoke", admin, a.revokeAPIKey, 0},
		{"POST", "/api/v1/notifications/send", "api.notify", Public, a.apiNotify, 64 << 10},
		{"POST", "/messages/:id/decide", "message.decide", operator, a.decideMessage, 0},
		{"GET", "/notifications/:id", "notification", operator, a.showNotification, 0},
		{"GET", "/notifications/:id/edit", "notification.edit", operator, a.editNotification, 0},
		{"GET", "/notifications/:id/recipients.csv", "notification.export", operator, a.exportRecipients, 0},
		{"POST", "/notifications/:id", "notification.save", operator, a.saveNotification, media16MB},
		{"POST", "/notifications/:id/start", "notification.start", operator, a.startNotification, 0},
		{"POST", "/notifications/:id/approve", "notification.approve", operator, a.approveNotification, 0},
		{"POST", "/notifications/:id/pause", "notification.pause", operator, a.pauseNotification, 0},
		{"POST", "/notifications/:id/test", "notification.test", operator, a.testNotification, 0},
		{"POST", "/notifications/:id/resend", "notification.resend", operator, a.resend, 0},
		{"POST", "/notifications/:id/repeat", "notification.repeat", operator, a.repeatNotification, 0},
		{"POST", "/notifications/:id/resume", "notification.resume", operator, a.resumeNotification, 0},
		{"POST", "/notifications/:id/cancel", "notification.cancel", operator, a.cancelNotification, 0},

		{"POST", health.TestPath, "webhook.test", Public, a.receiveTest, 1 << 10},
		{"GET", "/start", "start", agent, a.showStart, 0},
		{"POST", "/start/test/:what", "start.test", admin, a.testConnection, 0},
		{"GET", "/sandbox", "sandbox", agent, a.showSandbox, 0},
		{"POST", "/sandbox/words", "sandbox.words", admin, a.saveJoinWords, 0},
		{"POST", "/sandbox/send", "sandbox.send", agent, a.sendFromSandbox, 0},

		{"GET", "/access", "access", agent, a.showAccess, 0},
		{"GET", "/access/new", "access.new", admin, a.newAccessRequest, 0},
		{"POST", "/access", "access.add", admin, a.saveAccessRequest, 0},
		{"GET", "/access/:id", "access.request", agent, a.showAccessRequest, 0},
		{"GET", "/access/:id/edit", "access.edit", admin, a.editAccessRequest, 0},
		{"POST", "/access/:id", "access.save", admin, a.saveAccessRequest, 0},
		{"POST", "/access/autosave", "access.autosave", admin, a.autosaveAccess, 0},
		{"GET", "/access/files/:id", "access.file", agent, a.showAccessFile, 0},
		{"POST", "/access/:id/move", "access.move", admin, a.moveAccessRequest, media16MB},
		{"POST", "/access/:id/files", "access.files.add", admin, a.addAccessFile, media16MB},
		{"POST", "/access/:id/files/:file/remove", "access.file.remove", admin, a.removeAccessFile, 0},
		{"POST", "/access/:id/restart", "access.restart", admin, a.restartAccessRequest, 0},
		{"POST", "/access/:id/website", "access.website", admin, a.checkWebsite, 0},
		{"GET", "/access/:id/submission", "access.submission", operator, a.showSubmission, 0},
		{"GET", "/access/:id/submission.json", "access.submission.json", operator, a.exportSubmission, 0},

		{"GET", "/settings/users", "users", admin, a.showUsers, 0},
		{"POST", "/settings/users", "users.add", admin, a.addUser, 0},
		{"POST", "/settings/users/:id/role", "user.role", admin, a.setUserRole, 0},
		{"POST", "/settings/users/:id/password", "user.password", admin, a.setUserPassword, 0},
		{"POST", "/settings/users/:id/disable", "user.disable", admin, a.disableUser, 0},
		{"GET", "/settings/senders", "senders", admin, a.showSenders, 0},
		{"POST", "/settings/senders", "senders.add", admin, a.saveSender, 0},
		{"GET", "/settings/senders/register", "senders.register", admin, a.newRegistration, 0},
		{"POST", "/settings/senders/register", "senders.register.do", admin, a.register, 0},
		{"GET", "/settings/senders/:id", "sender", admin, a.showSender, 0},
		{"POST", "/settings/senders/:id", "sender.save", admin, a.saveSender, 0},
		{"POST", "/settings/senders/:id/profile", "sender.profile", admin, a.saveProfile, 0},
		{"POST", "/settings/senders/:id/verify", "sender.verify", admin, a.verifySender, 0},
		{"POST", "/settings/senders/:id/webhooks", "sender.webhooks", admin, a.fixWebhooks, 0},
		{"GET", "/settings/senders/:id/move", "sender.move", admin, a.showMove, 0},
		{"POST", "/settings/senders/:id/move", "sender.move.do", admin, a.moveTo, 0},
		{"GET", "/settings/health", "health", admin, a.showHealth, 0},
		{"GET", "/settings/contacts", "settings.contacts", admin, a.showContactSettings, 0},
		{"POST", "/settings/tags", "tags.add", admin, a.addTag, 0},
		{"POST", "/settings/tags/:id", "tag.save", admin, a.saveTag, 0},
		{"POST", "/settings/fields", "fields.add", admin, a.addField, 0},
		{"POST", "/settings/fields/:id", "field.save", admin, a.saveField, 0},
		{"POST", "/settings/topics", "topics.add", admin, a.addTopic, 0},
		{"POST", "/settings/topics/:id/archive", "topic.archive", admin, a.archiveTopic, 0},
		{"GET", "/settings/keywords", "keywords", admin, a.showKeywords, 0},
		{"POST", "/settings/keywords", "keywords.save", admin, a.saveKeywords, 0},
		{"GET", "/settings/privacy", "privacy", admin, a.showPrivacy, 0},
		{"POST", "/settings/privacy", "privacy.save", admin, a.savePrivacy, 0},
		{"GET", "/settings/inbox", "settings.inbox", admin, a.showInboxSettings, 0},
		{"POST", "/settings/inbox", "settings.inbox.save", admin, a.saveInboxSettings, 0},
		{"GET", "/settings/macros", "macros", admin, a.showMacros, 0},
		{"POST", "/settings/macros", "macros.add", admin, a.saveMacro, 0},
		{"POST", "/settings/macros/:id", "macro.save", admin, a.saveMacro, 0},
		{"POST", "/settings/macros/:id/delete", "macro.delete", admin, a.deleteMacro, 0},
		{"POST", "/settings/labels", "labels.add", admin, a.saveLabel, 0},
		{"POST", "/settings/labels/:id", "label.save", admin, a.saveLabel, 0},
		{"GET", "/settings/webhooks", "webhooks", admin, a.showWebhooks, 0},
		{"POST", "/settings/webhooks/days", "webhooks.days", admin, a.saveReceiptDays, 0},
		{"GET", "/settings/webhooks/:id", "webhook", admin, a.showWebhook, 0},
		{"POST", "/settings/webhooks/:id/replay", "webhook.replay", admin, a.replayWebhook, 0},
		{"GET", "/settings/audit", "audit", admin, a.showAudit, 0},
	}
	if a.Development {
		rs = append(rs, Route{"GET", "/dev/gallery", "gallery", Public, a.showGallery, 0})
	}
	return append(rs, movedRoutes()...)
}

// webhook4MB is the limit for Twilio's webhooks: WhatsApp's longest text has 65,536 characters, each at most 12 bytes
// in a form, and the other parameters are short.
const webhook4MB = 4 << 20

// media5MB is the limit for a form with a picture: 5 MB and the other fields.
const media5MB = 6 << 20

// media16MB is the limit for a form with a video or a document.
const media16MB = 17 << 20
