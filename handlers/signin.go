package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models/accounts"
	"parley/views/layout"
	"parley/views/settings"
)

func (a *App) showSignIn(c echo.Context) error {
	if userOf(c) != nil {
		return c.Redirect(http.StatusSeeOther, localPath(c.QueryParam("next")))
	}
	return render(
		c,
		http.StatusOK,
		layout.Bare("Sign in", layout.SignIn(layout.SignInProps{Next: c.QueryParam("next"), DemoHint: a.signInHint(c)})),
	)
}

func (a *App) signIn(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	u, err := a.Accounts.SignIn(c.Request().Context(), f.get("email"), f.Get("password"), c.RealIP())
	if problems, status, ok := problemsOf(err); ok {
		return render(
			c,
			status,
			layout.Bare(
				"Sign in",
				layout.SignIn(
					layout.SignInProps{
						Email:    f.get("email"),
						Next:     f.get("next"),
						Problem:  problems["password"],
						DemoHint: a.signInHint(c),
						KeptFor:  f.get("kept_for"),
						Kept:     f.Get("kept"),
					},
				),
			),
		)
	}
	if err != nil {
		return err
	}
	if err := a.rotate(c, u); err != nil {
		return err
	}
	if f.get("kept_for") != "" && sameReader(c, u) {
		return a.resume(c, f)
	}
	return c.Redirect(http.StatusSeeOther, localPath(f.get("next")))
}

func (a *App) signOut(c echo.Context) error {
	s := sessionOf(c)
	if rowOf(s) != nil {
		s.Options.MaxAge = -1
		if err := s.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/signin")
}

func (a *App) showAccount(c echo.Context) error { return a.accountPage(c, nil, 0) }

func (a *App) accountPage(c echo.Context, problems map[string]string, status int) error {
	u := userOf(c)
	list, err := accounts.Read(a.Store).SessionsOf(c.Request().Context(), u.ID)
	if err != nil {
		return err
	}
	current := ""
	if row := rowOf(sessionOf(c)); row != nil {
		current = row.PublicID
	}
	return a.page(
		c,
		view{title: "Your account", status: status},
		settings.Account(settings.AccountProps{User: u, Sessions: list, Current: current, Problems: problems}),
		nil,
	)
}

func (a *App) changeOwnPassword(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	u := userOf(c)
	if _, err := a.Accounts.SignIn(c.Request().Context(), u.Email, f.Get("old"), c.RealIP()); err != nil {
		problems, status, ok := problemsOf(err)
		if !ok {
			return err
		}
		if status == http.StatusUnprocessableEntity {
			problems["password"] = "This is not your present password."
		}
		return a.accountPage(c, map[string]string{"old": problems["password"]}, status)
	}
	if err := a.Accounts.SetPassword(c.Request().Context(), actor(c), u.PublicID, f.Get("password")); err != nil {
		if problems, status, ok := problemsOf(err); ok {
			return a.accountPage(c, problems, status)
		}
		return err
	}
	if err := a.rotate(c, u); err != nil {
		return err
	}
	return a.done(c, "/account", "Your password was changed, and all other sessions were ended.")
}

func (a *App) revokeSession(c echo.Context) error {
	if err := accounts.RevokeSession(c.Request().Context(), a.Store, actor(c), userOf(c).ID, c.Param("id")); err != nil {
		return err
	}
	return a.done(c, "/account", "The session was ended.")
}
