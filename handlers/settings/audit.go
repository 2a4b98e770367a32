package settings

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	view "parley/views/settings"
)

func (h *Handlers) showAudit(c echo.Context) error {
	rows, err := models.Read(h.Store).AuditEvents(c.Request().Context(), "", "", 200)
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Audit log", Area: "settings"}, view.Audit(rows, h.Store.Now()), nil)
}
