package reports

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/inbox"
	"parley/views/components"
	view "parley/views/reports"
)

// showReports shows response times and ratings of the last days.
func (h *Handlers) showReports(c echo.Context) error {
	days, ok := period(c)
	if !ok {
		unknown := []components.Gone{web.Gone(c, "days", "No such period")}
		return h.Site.Page(c, web.View{Title: "Reports", Area: "reports"}, view.Agents(nil, days, unknown), nil)
	}
	rows, err := inbox.Read(h.Store).AgentReports(c.Request().Context(), h.Store.Now().AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Reports", Area: "reports"}, view.Agents(rows, days, nil), nil)
}

// periods are the lengths, in days, of the periods that reports cover.
var periods = []string{"1", "7", "30", "90"}

// period reads how many days a report covers: a week if the address does not say. ok is false for a period that is not
// offered.
func period(c echo.Context) (days int, ok bool) {
	text := c.QueryParam("days")
	if text == "" {
		return 7, true
	}
	for _, p := range periods {
		if p == text {
			days, err := strconv.Atoi(p)
			return days, err == nil
		}
	}
	return 0, false
}
