package home

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/views/layout"
)

// alertsShown is how many alerts the page lists.
const alertsShown = 100

// showAlerts lists a user's alerts and marks them as seen, which clears the bell.
func (h *Handlers) showAlerts(c echo.Context) error {
	ctx, u := c.Request().Context(), web.User(c)
	list, err := models.Read(h.Store).Alerts(ctx, u.ID, alertsShown)
	if err != nil {
		return err
	}
	if err := models.SeeAlerts(ctx, h.Store, u.ID); err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Alerts", Area: "alerts"},
		layout.Alerts(u, list, h.Store.Now()),
		layout.AlertList(u, list, h.Store.Now()),
	)
}

// showBell renders the bell with a fresh count.
func (h *Handlers) showBell(c echo.Context) error {
	u := web.User(c)
	n, newest, err := models.Read(h.Store).UnseenAlerts(c.Request().Context(), u.ID)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, layout.Bell(u, n, newest))
}
