package accounts

import (
	"parley/handlers/web"
	"parley/models"
)

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	const agent, admin = models.Agent, models.Admin
	return []web.Route{
		web.GET("/signin", "signin", web.Public, h.showSignIn),
		web.POST("/signin", "signin.do", web.Public, h.signIn),
		web.POST("/signout", "signout", web.Public, h.signOut),
		web.GET("/account", "account", agent, h.showAccount),
		web.POST("/account/password", "account.password", agent, h.changeOwnPassword),
		web.POST("/account/availability", "account.availability", agent, h.setAvailability),
		web.POST("/account/preferences", "account.preferences", agent, h.savePreferences),
		web.POST("/account/sessions/:id/revoke", "account.revoke", agent, h.revokeSession),
		web.GET("/settings/users", "users", admin, h.showUsers),
		web.POST("/settings/users", "users.add", admin, h.addUser),
		web.POST("/settings/users/:id/role", "user.role", admin, h.setUserRole),
		web.POST("/settings/users/:id/password", "user.password", admin, h.setUserPassword),
		web.POST("/settings/users/:id/disable", "user.disable", admin, h.disableUser),
	}
}
