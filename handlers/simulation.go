package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/loopback"
	"parley/views/layout"
)

// simulation keeps a simulation that was not asked for to this machine, and lets the pages of one that was say so. A
// page of another site can reach this machine under a name of its own (DNS rebinding), so the request's Host counts as
// well.
func (a *App) simulation(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.Announced {
			c.SetRequest(c.Request().WithContext(layout.WithSimulation(c.Request().Context())))
		}
		if a.OnlyLocal && !loopback.Request(c.Request()) && !anywhere(c.Path()) {
			return &models.Error{
				Kind: models.KindNotFound,
				Code: "page.simulation_local",
			}
		}
		return next(c)
	}
}

// signInHint is what the sign-in page says of the demo, to nobody but a browser on this machine.
func (a *App) signInHint(c echo.Context) string {
	if !loopback.Request(c.Request()) {
		return ""
	}
	return a.SignInHint
}

// anywhere reports whether a route says nothing and does nothing that is anybody's.
func anywhere(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/static/*"
}
