package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models/notifications"
	notificationviews "parley/views/notifications"
)

func (a *App) showNotifications(c echo.Context) error {
	before := int64Param(c, "before")
	rows, err := notifications.Read(a.Store).Notifications(c.Request().Context(), before, 100)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Notifications", area: "notifications", topics: []string{"notifications"}},
		notificationviews.Page(rows, before, a.Store.Now()), notificationviews.List(rows, before, a.Store.Now()))
}
