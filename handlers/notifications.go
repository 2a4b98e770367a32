package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/views/notifications"
)

func (a *App) showNotifications(c echo.Context) error {
	before := int64Param(c, "before")
	rows, err := a.Store.Notifications(c.Request().Context(), before, 100)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Notifications", area: "notifications", topics: []string{"notifications"}},
		notifications.Page(rows, before, a.Store.Now()), notifications.List(rows, before, a.Store.Now()))
}
