package notifications

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/notifications"
	view "parley/views/notifications"
)

func (h *Handlers) showNotifications(c echo.Context) error {
	before := web.Int64Param(c, "before")
	rows, err := notifications.Read(h.Store).Notifications(c.Request().Context(), before, 100)
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Notifications", Area: "notifications", Topics: []string{"notifications"}},
		view.Page(rows, before, h.Store.Now()), view.List(rows, before, h.Store.Now()))
}
