package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models/inbox"
	"parley/views/components"
	"parley/views/reports"
)

// showReports shows response times and ratings of the last days.
func (a *App) showReports(c echo.Context) error {
	days, ok := period(c)
	if !ok {
		unknown := []components.Gone{gone(c, "days", "No such period")}
		return a.page(c, view{title: "Reports", area: "reports"}, reports.Agents(nil, days, unknown), nil)
	}
	rows, err := inbox.Read(a.Store).AgentReports(c.Request().Context(), a.Store.Now().AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Reports", area: "reports"}, reports.Agents(rows, days, nil), nil)
}
