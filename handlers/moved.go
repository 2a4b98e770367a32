package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// movedRoutes are old addresses of pages: bookmarks still use them.
func movedRoutes() []Route {
	return []Route{
		{"GET", "/contacts/:id/everything", "contact.everything", models.Admin, moved("/contacts/:id/subject-access"), 0},
		{
			"GET",
			"/contacts/:id/everything.json",
			"contact.everything.json",
			models.Admin,
			moved("/contacts/:id/subject-access.json"),
			0,
		},
		{"GET", "/access/:id/pack", "access.pack", models.Operator, moved("/access/:id/submission"), 0},
		{"GET", "/access/:id/pack.json", "access.pack.json", models.Operator, moved("/access/:id/submission.json"), 0},
	}
}

// moved redirects permanently to the new address of the same thing.
func moved(to string) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := strings.Replace(to, ":id", url.PathEscape(c.Param("id")), 1)
		return c.Redirect(http.StatusMovedPermanently, localPath(path))
	}
}
