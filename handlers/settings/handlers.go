// Package settings has the settings that no other area keeps.
package settings

import (
	"parley/handlers/web"
	"parley/models"
	inboxservice "parley/services/inbox"
	"parley/services/messaging"
	"parley/services/notifying"
	peopleservice "parley/services/people"
)

// Handlers answer for settings.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	People    *peopleservice.Service
	Inbox     *inboxservice.Service
	Messaging *messaging.Service
	Notifying *notifying.Service
	Tokens    []string // that webhooks may be signed with
}
