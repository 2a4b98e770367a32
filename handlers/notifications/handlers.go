// Package notifications has notifications: their list, their pages and the form that makes them.
package notifications

import (
	"parley/handlers/web"
	"parley/models"
	"parley/services/messaging"
	"parley/services/notifying"
)

// Handlers answer for notifications that exist.
type Handlers struct {
	Site      *web.Site
	Store     *models.Store
	Messaging *messaging.Service
	Notifying *notifying.Service
}

// Editor is the form of a notification that is being made.
type Editor struct {
	Site      *web.Site
	Store     *models.Store
	Notifying *notifying.Service
}
