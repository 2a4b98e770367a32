package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/layout"
)

// alertsShown is how many alerts the page lists.
const alertsShown = 100

// showAlerts lists a user's alerts and marks them as seen, which clears the bell.
func (a *App) showAlerts(c echo.Context) error {
	ctx, u := c.Request().Context(), userOf(c)
	list, err := models.Read(a.Store).Alerts(ctx, u.ID, alertsShown)
	if err != nil {
		return err
	}
	if err := models.SeeAlerts(ctx, a.Store, u.ID); err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Alerts", area: "alerts"},
		layout.Alerts(u, list, a.Store.Now()),
		layout.AlertList(u, list, a.Store.Now()),
	)
}

// showBell renders the bell with a fresh count.
func (a *App) showBell(c echo.Context) error {
	u := userOf(c)
	n, newest, err := models.Read(a.Store).UnseenAlerts(c.Request().Context(), u.ID)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, layout.Bell(u, n, newest))
}
