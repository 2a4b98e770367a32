// Package senders has senders: their list, profiles, registration and moves.
package senders

import (
	"parley/handlers/web"
	"parley/models"
	accountservice "parley/services/accounts"
	senderservice "parley/services/senders"
)

// Handlers answer for senders.
type Handlers struct {
	Site     *web.Site
	Store    *models.Store
	Accounts *accountservice.Service
	Senders  *senderservice.Service
}
