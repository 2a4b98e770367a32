package accounts

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	accountservice "parley/services/accounts"
	view "parley/views/accounts"
	"parley/whatsapp"
)

func (h *Handlers) showUsers(c echo.Context) error { return h.usersPage(c, view.UsersProps{}, 0) }

func (h *Handlers) usersPage(c echo.Context, p view.UsersProps, status int) error {
	var err error
	if p.Users, err = accounts.Read(h.Store).Users(c.Request().Context()); err != nil {
		return err
	}
	p.Me, p.Now = web.User(c).ID, h.Store.Now()
	return h.Site.Page(c, web.View{Title: "Users", Area: "settings", Status: status}, view.Users(p), nil)
}

func (h *Handlers) addUser(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	u, err := h.Accounts.Add(
		c.Request().Context(),
		web.Actor(c),
		accountservice.NewUser{
			Email:    f.Get("email"),
			Name:     f.Get("name"),
			Password: f.Raw("password"),
			Role:     models.Role(f.Get("role")),
		},
	)
	if problems, status, ok := web.Problems(err); ok {
		return h.usersPage(
			c,
			view.UsersProps{Email: f.Get("email"), Name: f.Get("name"), Role: f.Get("role"), Problems: problems},
			status,
		)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/users", u.Name+" was added.")
}

func (h *Handlers) setUserRole(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.changedUser(
		c,
		h.Accounts.SetRole(c.Request().Context(), web.Actor(c), c.Param("id"), models.Role(f.Get("role"))),
		"The role was changed.",
	)
}

func (h *Handlers) disableUser(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	disabled := f.Get("disabled") == "1"
	text := "Enabled: they may sign in again."
	if disabled {
		text = "Disabled: they may not sign in any more, and their sessions were ended."
	}
	return h.changedUser(c, h.Accounts.SetDisabled(c.Request().Context(), web.Actor(c), c.Param("id"), disabled), text)
}

// changedUser answers a change with its outcome: a refusal becomes a message on the users' page.
func (h *Handlers) changedUser(c echo.Context, err error, text string) error {
	if problems, _, ok := web.Problems(err); ok {
		for _, p := range problems {
			if err := web.Flash(c, whatsapp.ToneBad, p); err != nil {
				return err
			}
		}
		return c.Redirect(303, "/settings/users")
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/users", text)
}

func (h *Handlers) setUserPassword(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.Accounts.SetPassword(c.Request().Context(), web.Actor(c), c.Param("id"), f.Raw("password"))
	if problems, status, ok := web.Problems(err); ok {
		return h.usersPage(c, view.UsersProps{For: c.Param("id"), ForProblem: problems["password"]}, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/users", "The password was set, and their sessions were ended.")
}
