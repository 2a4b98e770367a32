// Package inbox has the list of conversations, and changes of one or many of them.
package inbox

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/messaging"
)

// Handlers answer for the inbox.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Messaging *messaging.Service
}
