package accounts

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/accounts"
	view "parley/views/accounts"
	"parley/views/layout"
)

func (h *Handlers) showSignIn(c echo.Context) error {
	if web.User(c) != nil {
		return c.Redirect(http.StatusSeeOther, web.LocalPath(c.QueryParam("next")))
	}
	return web.Render(
		c,
		http.StatusOK,
		layout.Bare("Sign in", layout.SignIn(layout.SignInProps{Next: c.QueryParam("next"), DemoHint: h.Site.SignInHint(c)})),
	)
}

func (h *Handlers) signIn(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	u, err := h.Accounts.SignIn(c.Request().Context(), f.Get("email"), f.Raw("password"), c.RealIP())
	if problems, status, ok := web.Problems(err); ok {
		return web.Render(
			c,
			status,
			layout.Bare(
				"Sign in",
				layout.SignIn(
					layout.SignInProps{
						Email:    f.Get("email"),
						Next:     f.Get("next"),
						Problem:  problems["password"],
						DemoHint: h.Site.SignInHint(c),
						KeptFor:  f.Get("kept_for"),
						Kept:     f.Raw("kept"),
					},
				),
			),
		)
	}
	if err != nil {
		return err
	}
	if err := h.rotate(c, u); err != nil {
		return err
	}
	if f.Get("kept_for") != "" && sameReader(c, u) {
		return resumeForm(c, f)
	}
	return c.Redirect(http.StatusSeeOther, web.LocalPath(f.Get("next")))
}

func (h *Handlers) signOut(c echo.Context) error {
	s := web.Session(c)
	if web.SessionRow(s) != nil {
		s.Options.MaxAge = -1
		if err := s.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/signin")
}

func (h *Handlers) showAccount(c echo.Context) error { return h.accountPage(c, nil, 0) }

func (h *Handlers) accountPage(c echo.Context, problems map[string]string, status int) error {
	u := web.User(c)
	list, err := accounts.Read(h.Store).SessionsOf(c.Request().Context(), u.ID)
	if err != nil {
		return err
	}
	current := ""
	if row := web.SessionRow(web.Session(c)); row != nil {
		current = row.PublicID
	}
	return h.Site.Page(
		c,
		web.View{Title: "Your account", Status: status},
		view.Account(view.AccountProps{User: u, Sessions: list, Current: current, Problems: problems}),
		nil,
	)
}

func (h *Handlers) changeOwnPassword(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	u := web.User(c)
	if _, err := h.Accounts.SignIn(c.Request().Context(), u.Email, f.Raw("old"), c.RealIP()); err != nil {
		problems, status, ok := web.Problems(err)
		if !ok {
			return err
		}
		if status == http.StatusUnprocessableEntity {
			problems["password"] = "This is not your present password."
		}
		return h.accountPage(c, map[string]string{"old": problems["password"]}, status)
	}
	if err := h.Accounts.SetPassword(c.Request().Context(), web.Actor(c), u.PublicID, f.Raw("password")); err != nil {
		if problems, status, ok := web.Problems(err); ok {
			return h.accountPage(c, problems, status)
		}
		return err
	}
	if err := h.rotate(c, u); err != nil {
		return err
	}
	return web.Done(c, "/account", "Your password was changed, and all other sessions were ended.")
}

func (h *Handlers) revokeSession(c echo.Context) error {
	ctx, u := c.Request().Context(), web.User(c)
	if err := accounts.RevokeSession(ctx, h.Store, web.Actor(c), u.ID, c.Param("id")); err != nil {
		return err
	}
	return web.Done(c, "/account", "The session was ended.")
}

// sameReader reports whether u is known to be the last user of this browser. What one person typed must not be shown to
// another, so an unknown browser counts as another person's.
func sameReader(c echo.Context, u *accounts.User) bool {
	before, err := c.Cookie(web.ReaderCookie)
	return err == nil && before.Value == u.PublicID
}

// resumeForm shows the form that was kept during a sign-in, ready to be sent.
func resumeForm(c echo.Context, f web.Form) error {
	kept, err := url.ParseQuery(f.Raw("kept"))
	if err != nil {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	var fields []layout.KeptField
	for name, values := range kept {
		for _, v := range values {
			fields = append(fields, layout.KeptField{Name: name, Value: v})
		}
	}
	slices.SortFunc(fields, func(a, b layout.KeptField) int { return strings.Compare(a.Name, b.Name) })
	return web.Render(c, http.StatusOK, layout.Bare("Signed in", layout.Resume(web.LocalPath(f.Get("kept_for")), fields)))
}

// rotate gives the signed-in user a new session with a new token, so that the earlier token becomes invalid.
func (h *Handlers) rotate(c echo.Context, u *accounts.User) error {
	old := web.Session(c)
	if row := web.SessionRow(old); row != nil {
		if err := accounts.DeleteSession(c.Request().Context(), h.Store, row.TokenHash); err != nil {
			return err
		}
	}
	for k := range old.Values {
		delete(old.Values, k)
	}
	if err := old.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	h.Site.RememberReader(c, u)
	row := web.SessionRow(old)
	row.UserID = &u.ID
	return accounts.SaveSession(c.Request().Context(), h.Store, row)
}
