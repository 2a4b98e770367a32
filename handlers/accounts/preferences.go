package accounts

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
)

// setAvailability sets whether the user takes conversations now.
func (h *Handlers) setAvailability(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	availability := accounts.Availability(f.Get("availability"))
	if err := accounts.SetAvailability(c.Request().Context(), h.Store, web.User(c), availability); err != nil {
		return err
	}
	back := f.Get("back")
	if u, err := url.Parse(c.Request().Referer()); err == nil && u.Host == c.Request().Host {
		back = u.RequestURI()
	}
	return c.Redirect(http.StatusSeeOther, web.LocalPath(back))
}

// savePreferences stores the user's preferences for the inbox.
func (h *Handlers) savePreferences(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := accounts.Preferences{
		EnterAdds: f.Get("enter_adds") != "",
		Sound:     f.Get("sound") != "",
		Notices:   f.Get("notices") != "",
		Zone:      f.Get("time_zone"),
	}
	if _, ok := models.LoadZone(p.Zone); !ok && p.Zone != "" {
		web.User(c).Preferences = p
		return h.accountPage(
			c,
			map[string]string{"time_zone": "This is no time zone: write a name such as Europe/Berlin, or leave it empty."},
			http.StatusUnprocessableEntity,
		)
	}
	if err := accounts.SetPreferences(c.Request().Context(), h.Store, web.User(c).ID, p); err != nil {
		return err
	}
	return web.Done(c, "/account", "Saved.")
}
