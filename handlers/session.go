package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/views/layout"
	"parley/whatsapp"
)

const (
	sessionKey = "session"
	userKey    = "user"
)

// withSession reads the session and its user. Public routes work without one.
func (a *App) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if strings.HasPrefix(c.Path(), "/webhooks/") || strings.HasPrefix(c.Path(), "/api/") || c.Path() == "/healthz" ||
			c.Path() == "/readyz" {
			return next(c)
		}
		c.Set("ip", c.RealIP())
		r := c.Request().WithContext(withIP(c.Request().Context(), c.RealIP()))
		c.SetRequest(r)
		s, err := a.sessions.Get(r, sessionCookie)
		if err != nil {
			return err
		}
		c.Set(sessionKey, s)
		row := rowOf(s)
		if row != nil && row.User != nil && row.User.ID != 0 && row.User.DisabledAt == nil {
			c.Set(userKey, row.User)
			if time.Since(row.LastSeenAt) > 5*time.Minute {
				if err := s.Save(r, c.Response()); err != nil { // in use: its lifetime and its cookie's start again
					return err
				}
				a.rememberReader(c, row.User)
			}
		}
		return next(c)
	}
}

// require lets only users with the role in. Visitors who are not signed in are redirected to the sign-in page, and back
// afterwards.
func (a *App) require(role models.Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if role == Public {
				return next(c)
			}
			u := userOf(c)
			if u == nil || !pageOf(c, u) {
				boundStranger(c)
				return a.askToSignIn(c)
			}
			if !u.Role.Can(role) {
				return &models.Error{
					Kind: models.KindForbidden,
					Code: "page.role_needed",
					Args: models.Args{"Role": role},
				}
			}
			if err := a.withMask(c, u); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// pageOf reports whether a page's script acts for the user who is signed in: another user may have signed in in another
// tab, and must not receive or send what belongs to the first page's user.
func pageOf(c echo.Context, u *accounts.User) bool {
	asks := c.Request().Header.Get("X-Parley-User")
	if asks == "" && c.Path() == "/events" {
		asks = c.QueryParam("user") // an EventSource has no headers
	}
	return asks == "" || asks == u.PublicID
}

// cameFrom is the page of ours that a form was sent from, or the start page if that is unknown.
func (a *App) cameFrom(c echo.Context) string {
	u, err := url.Parse(c.Request().Referer())
	if err != nil || u.Host != c.Request().Host {
		return "/"
	}
	return localPath(u.RequestURI())
}

// maxStrangerBody is the maximum body size in bytes for visitors who are not signed in, whatever the route accepts from
// others.
const maxStrangerBody = 256 << 10

// boundStranger limits the body of visitors who are not signed in. It runs before any of the body is read.
func boundStranger(c echo.Context) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxStrangerBody)
}

// askToSignIn redirects to the sign-in page. A request for a part is answered with 401 and a sentence, so that the page
// stays as it is; a form's fields are kept until after the sign-in.
func (a *App) askToSignIn(c echo.Context) error {
	get := c.Request().Method == http.MethodGet
	switch {
	case c.Path() == "/events", wantsPart(c) && get:
		return c.NoContent(http.StatusUnauthorized)
	case wantsPart(c):
		c.Response().Header().Set("HX-Reswap", "none")
		return render(
			c,
			http.StatusUnauthorized,
			layout.ToastPart(
				whatsapp.ToneBad,
				"Your session has ended. Sign in in another tab, then try again: what you typed is still here.",
			),
		)
	case get:
		return c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(c.Request().URL.RequestURI()))
	}
	f, err := readForm(c)
	if err != nil || len(f.Values) == 0 { // with files, or too large to be kept: ask for the page again
		return c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(a.cameFrom(c)))
	}
	p := layout.SignInProps{KeptFor: c.Request().URL.RequestURI(), Kept: f.Encode(), DemoHint: a.signInHint(c)}
	return render(c, http.StatusUnauthorized, layout.Bare("Sign in", layout.SignIn(p)))
}

const (
	// readerCookie identifies the user who last used this browser while signed in.
	readerCookie = "parley_reader"
	// readerLife is the longest lifetime that browsers allow for a cookie. It is renewed together with the session's
	// cookie, and outlives it. https://developer.chrome.com/blog/cookie-max-age-expires
	readerLife = 400 * 24 * time.Hour
)

// rememberReader stores in the browser that u uses it.
func (a *App) rememberReader(c echo.Context, u *accounts.User) {
	c.SetCookie(&http.Cookie{
		Name:     readerCookie,
		Value:    u.PublicID,
		Path:     "/",
		MaxAge:   int(readerLife.Seconds()),
		HttpOnly: true,
		Secure:   secure(a.PublicURL),
		SameSite: http.SameSiteLaxMode,
	})
}

// sameReader reports whether u is known to be the last user of this browser. What one person typed must not be shown to
// another, so an unknown browser counts as another person's.
func sameReader(c echo.Context, u *accounts.User) bool {
	before, err := c.Cookie(readerCookie)
	return err == nil && before.Value == u.PublicID
}

// resume shows the form that was kept during a sign-in, ready to be sent.
func (a *App) resume(c echo.Context, f form) error {
	kept, err := url.ParseQuery(f.Get("kept"))
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
	return render(c, http.StatusOK, layout.Bare("Signed in", layout.Resume(localPath(f.get("kept_for")), fields)))
}

// userOf is the signed-in user, nil if there is none.
func userOf(c echo.Context) *accounts.User {
	u, _ := c.Get(userKey).(*accounts.User)
	return u
}

// actor is the signed-in user as an actor for the audit log.
func actor(c echo.Context) models.Actor { return userOf(c).Actor(requestIDOf(c)) }

func sessionOf(c echo.Context) *sessions.Session {
	s, _ := c.Get(sessionKey).(*sessions.Session)
	return s
}

// rotate gives the signed-in user a new session with a new token, so that the earlier token becomes invalid.
func (a *App) rotate(c echo.Context, u *accounts.User) error {
	old := sessionOf(c)
	if row := rowOf(old); row != nil {
		if err := accounts.DeleteSession(c.Request().Context(), a.Store, row.TokenHash); err != nil {
			return err
		}
	}
	for k := range old.Values {
		delete(old.Values, k)
	}
	if err := old.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	a.rememberReader(c, u)
	row := rowOf(old)
	row.UserID = &u.ID
	return accounts.SaveSession(c.Request().Context(), a.Store, row)
}

// flash stores a message for the next page.
func (a *App) flash(c echo.Context, tone whatsapp.Tone, text string) error {
	s := sessionOf(c)
	s.Values["flash"] = string(tone) + ":" + text
	return s.Save(c.Request(), c.Response())
}

// popFlash returns the previous page's message, and removes it.
func (a *App) popFlash(c echo.Context) (*layout.Flash, error) {
	s := sessionOf(c)
	text, ok := s.Values["flash"].(string)
	if !ok {
		return nil, nil
	}
	delete(s.Values, "flash")
	tone, text, _ := strings.Cut(text, ":")
	return &layout.Flash{Tone: whatsapp.Tone(tone), Text: text}, s.Save(c.Request(), c.Response())
}

// done flashes what was done and redirects to a page.
func (a *App) done(c echo.Context, to, text string) error {
	if err := a.flash(c, whatsapp.ToneGood, text); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(to))
}

// refused redirects back to a page with a refusal's sentence; any other error is returned unchanged.
func (a *App) refused(c echo.Context, err error, to string) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Kind != models.KindConflict && e.Kind != models.KindInvalid {
		return err
	}
	if err := a.flash(c, whatsapp.ToneBad, e.Message()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(to))
}
