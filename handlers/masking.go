package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/components"
)

// withMask makes pages show masked numbers to roles that see no whole ones. Admins always do.
func (a *App) withMask(c echo.Context, u *models.User) error {
	if u.Role.Can(models.Admin) {
		return nil
	}
	p, err := a.Store.Privacy(c.Request().Context())
	if err == nil && p.Masks(u.Role) {
		c.SetRequest(c.Request().WithContext(components.WithMask(c.Request().Context())))
	}
	return err
}

// masked reports whether the reader sees masked numbers.
func (a *App) masked(c echo.Context) bool { return components.Masked(c.Request().Context()) }
