package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"parley/views/reports"
)

// showReports is how the chats went in the last days.
func (a *App) showReports(c echo.Context) error {
	days := int(int64Param(c, "days"))
	if !slices.Contains([]int{1, 7, 30, 90}, days) {
		days = 7
	}
	rows, err := a.Store.DeskReport(c.Request().Context(), a.Store.Now().AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Reports", area: "reports"}, reports.Desk(rows, days), nil)
}
