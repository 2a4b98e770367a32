package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
)

// movedRoutes are old addresses of pages: bookmarks still use them.
func movedRoutes() []web.Route {
	const operator, admin = models.Operator, models.Admin
	const access, submission = "/contacts/:id/subject-access", "/access/:id/submission"
	return []web.Route{
		web.GET("/contacts/:id/everything", "contact.everything", admin, moved(access)),
		web.GET("/contacts/:id/everything.json", "contact.everything.json", admin, moved(access+".json")),
		web.GET("/access/:id/pack", "access.pack", operator, moved(submission)),
		web.GET("/access/:id/pack.json", "access.pack.json", operator, moved(submission+".json")),
	}
}

// moved redirects permanently to the new address of the same thing.
func moved(to string) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := strings.Replace(to, ":id", url.PathEscape(c.Param("id")), 1)
		return c.Redirect(http.StatusMovedPermanently, web.LocalPath(path))
	}
}
