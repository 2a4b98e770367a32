// Package conversations has one conversation: its thread, its composer and its files.
package conversations

import (
	inboxpages "parley/handlers/inbox"
	"parley/handlers/web"
	"parley/models"
	"parley/services/media"
	"parley/services/messaging"
)

// Handlers answer for conversations.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Inbox     *inboxpages.Handlers // the list beside the conversation
	Media     *media.Files
	Messaging *messaging.Service
}
