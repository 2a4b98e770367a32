package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	accountservice "parley/services/accounts"
	"parley/views/settings"
	"parley/whatsapp"
)

func (a *App) showUsers(c echo.Context) error { return a.usersPage(c, settings.UsersProps{}, 0) }

func (a *App) usersPage(c echo.Context, p settings.UsersProps, status int) error {
	var err error
	if p.Users, err = accounts.Read(a.Store).Users(c.Request().Context()); err != nil {
		return err
	}
	p.Me, p.Now = userOf(c).ID, a.Store.Now()
	return a.page(c, view{title: "Users", area: "settings", status: status}, settings.Users(p), nil)
}

func (a *App) addUser(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	u, err := a.Accounts.Add(
		c.Request().Context(),
		actor(c),
		accountservice.NewUser{
			Email:    f.get("email"),
			Name:     f.get("name"),
			Password: f.Get("password"),
			Role:     models.Role(f.get("role")),
		},
	)
	if problems, status, ok := problemsOf(err); ok {
		return a.usersPage(
			c,
			settings.UsersProps{Email: f.get("email"), Name: f.get("name"), Role: f.get("role"), Problems: problems},
			status,
		)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/users", u.Name+" was added.")
}

func (a *App) setUserRole(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return a.changedUser(
		c,
		a.Accounts.SetRole(c.Request().Context(), actor(c), c.Param("id"), models.Role(f.get("role"))),
		"The role was changed.",
	)
}

func (a *App) disableUser(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	disabled := f.get("disabled") == "1"
	text := "Enabled: they may sign in again."
	if disabled {
		text = "Disabled: they may not sign in any more, and their sessions were ended."
	}
	return a.changedUser(c, a.Accounts.SetDisabled(c.Request().Context(), actor(c), c.Param("id"), disabled), text)
}

// changedUser answers a change with its outcome: a refusal becomes a message on the users' page.
func (a *App) changedUser(c echo.Context, err error, text string) error {
	if problems, _, ok := problemsOf(err); ok {
		for _, p := range problems {
			if err := a.flash(c, whatsapp.ToneBad, p); err != nil {
				return err
			}
		}
		return c.Redirect(303, "/settings/users")
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/users", text)
}

func (a *App) setUserPassword(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Accounts.SetPassword(c.Request().Context(), actor(c), c.Param("id"), f.Get("password"))
	if problems, status, ok := problemsOf(err); ok {
		return a.usersPage(c, settings.UsersProps{For: c.Param("id"), ForProblem: problems["password"]}, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/users", "The password was set, and their sessions were ended.")
}

func (a *App) showAudit(c echo.Context) error {
	rows, err := models.Read(a.Store).AuditEvents(c.Request().Context(), "", "", 200)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Audit log", area: "settings"}, settings.Audit(rows, a.Store.Now()), nil)
}
