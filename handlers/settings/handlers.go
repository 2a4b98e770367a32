// Package settings has the settings that no other area keeps.
package settings

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/contacts"
	inboxservice "parley/services/inbox"
	"parley/services/messaging"
	"parley/services/notifying"
)

// Handlers answer for settings.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Contacts  *contacts.Service
	Inbox     *inboxservice.Service
	Messaging *messaging.Service
	Notifying *notifying.Service
	Tokens    []string // that webhooks may be signed with
}
