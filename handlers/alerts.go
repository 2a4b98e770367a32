package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/views/layout"
)

// alertsShown is how many alerts the page goes back.
const alertsShown = 100

// showAlerts shows what somebody was told; having seen it, the bell is quiet.
func (a *App) showAlerts(c echo.Context) error {
	ctx, u := c.Request().Context(), userOf(c)
	list, err := a.Store.Alerts(ctx, u.ID, alertsShown)
	if err != nil {
		return err
	}
	if err := a.Store.SeeAlerts(ctx, u); err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Alerts", area: "alerts"},
		layout.Alerts(u, list, a.Store.Now()),
		layout.AlertList(u, list, a.Store.Now()),
	)
}

// showBell is the bell with a fresh count.
func (a *App) showBell(c echo.Context) error {
	u := userOf(c)
	n, newest, err := a.Store.UnseenAlerts(c.Request().Context(), u.ID)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, layout.Bell(u, n, newest))
}
