package web

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/loopback"
	"parley/views/layout"
)

// Simulation is what pages say of the simulator. The zero value belongs to a real account.
type Simulation struct {
	URL        string // leads to the phones
	SignInHint string // shown to a browser on this machine
	Announced  bool   // every page says that everything is simulated
	OnlyLocal  bool   // requests from other machines are refused
}

// simulation restricts a simulation that was not explicitly enabled to this machine, and makes the pages of one that
// was enabled say so. A page of another site can reach this machine under its own name (DNS rebinding), so the
// request's Host is checked as well.
func (site *Site) simulation(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if site.Simulation.Announced {
			c.SetRequest(c.Request().WithContext(layout.WithSimulation(c.Request().Context())))
		}
		if site.Simulation.OnlyLocal && !loopback.Request(c.Request()) && !anywhere(c.Path()) {
			return &models.Error{
				Kind: models.KindNotFound,
				Code: "page.simulation_local",
			}
		}
		return next(c)
	}
}

// SignInHint is what the sign-in page says about the demo. It is shown only to a browser on this machine.
func (site *Site) SignInHint(c echo.Context) string {
	if !loopback.Request(c.Request()) {
		return ""
	}
	return site.Simulation.SignInHint
}

// anywhere reports whether a route is harmless for anybody: it reveals nothing and changes nothing.
func anywhere(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/static/*"
}
