// Package accounts has the pages of signing in, of one's own account and of users.
package accounts

import (
	"parley/handlers/web"
	"parley/models"
	accountservice "parley/services/accounts"
)

// Handlers answer for accounts.
type Handlers struct {
	Site     *web.Site
	Store    *models.Store
	Accounts *accountservice.Service
}
