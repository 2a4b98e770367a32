package home

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/inbox"
	"parley/models/onboarding"
	"parley/models/templates"
	view "parley/views/home"
	"parley/views/layout"
	"parley/whatsapp"
)

func (h *Handlers) showHome(c echo.Context) error {
	ctx, u := c.Request().Context(), web.User(c)
	p := view.Props{Name: u.Name, MaySend: u.Role.Can(models.Operator), Now: h.Store.Now()}
	var err error
	if p.Counters, err = inbox.Read(h.Store).Count(ctx, u.ID); err != nil {
		return err
	}
	sessions, err := inbox.Read(h.Store).OpenSessions(ctx)
	if err != nil {
		return err
	}
	p.OpenSessions = int(sessions)
	if p.Risk, _, err = inbox.Read(h.Store).Inbox(
		ctx,
		inbox.InboxFilter{View: inbox.ViewWaiting, UserID: u.ID, Limit: 8},
	); err != nil {
		return err
	}
	if err := mask.Rows(ctx, h.Store, p.Risk); err != nil {
		return err
	}
	if p.Requests, err = onboarding.Read(h.Store).AccessRequests(ctx); err != nil {
		return err
	}
	if p.Counters.ApprovalsRejected > 0 {
		if p.Rejected, _, err = templates.Read(h.Store).Templates(
			ctx,
			templates.TemplateFilter{State: string(whatsapp.Rejected), Limit: 3},
		); err != nil {
			return err
		}
	}
	page := view.Page(p)
	return h.Site.Page(c, web.View{Title: "Home", Area: "home", Topics: []string{"home", "access"}}, page, page)
}

// showNav renders the sidebar's list with fresh counters.
func (h *Handlers) showNav(c echo.Context) error {
	s := layout.Shell{Area: c.QueryParam("at"), User: web.User(c)}
	var err error
	if s.Counters, err = inbox.Read(h.Store).Count(c.Request().Context(), s.User.ID); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, layout.Nav(s))
}

func (h *Handlers) showBanner(c echo.Context) error {
	list, err := h.Site.Troubles(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, layout.Banner(list, web.User(c)))
}
