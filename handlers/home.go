package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/inbox"
	"parley/models/onboarding"
	"parley/models/templates"
	"parley/views/home"
	"parley/views/layout"
	"parley/whatsapp"
)

func (a *App) showHome(c echo.Context) error {
	ctx, u := c.Request().Context(), userOf(c)
	p := home.Props{Name: u.Name, MaySend: u.Role.Can(models.Operator), Now: a.Store.Now()}
	var err error
	if p.Counters, err = inbox.Read(a.Store).Count(ctx, u.ID); err != nil {
		return err
	}
	sessions, err := inbox.Read(a.Store).OpenSessions(ctx)
	if err != nil {
		return err
	}
	p.OpenSessions = int(sessions)
	if p.Risk, _, err = inbox.Read(a.Store).Inbox(
		ctx,
		inbox.InboxFilter{View: inbox.ViewWaiting, UserID: u.ID, Limit: 8},
	); err != nil {
		return err
	}
	if err := a.maskRows(ctx, p.Risk); err != nil {
		return err
	}
	if p.Requests, err = onboarding.Read(a.Store).AccessRequests(ctx); err != nil {
		return err
	}
	if p.Counters.ApprovalsRejected > 0 {
		if p.Rejected, _, err = templates.Read(a.Store).Templates(
			ctx,
			templates.TemplateFilter{State: string(whatsapp.Rejected), Limit: 3},
		); err != nil {
			return err
		}
	}
	page := home.Page(p)
	return a.page(c, view{title: "Home", area: "home", topics: []string{"home", "access"}}, page, page)
}

// showNav renders the sidebar's list with fresh counters.
func (a *App) showNav(c echo.Context) error {
	s := layout.Shell{Area: c.QueryParam("at"), User: userOf(c)}
	var err error
	if s.Counters, err = inbox.Read(a.Store).Count(c.Request().Context(), s.User.ID); err != nil {
		return err
	}
	return render(c, http.StatusOK, layout.Nav(s))
}
