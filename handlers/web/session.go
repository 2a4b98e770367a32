package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/models"
	"parley/models/accounts"
	"parley/views/components"
	"parley/views/layout"
	"parley/whatsapp"
)

const (
	sessionKey = "session"
	userKey    = "user"
)

// withSession reads the session and its user. Public routes work without one.
func (site *Site) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if strings.HasPrefix(c.Path(), "/webhooks/") || strings.HasPrefix(c.Path(), "/api/") || c.Path() == "/healthz" ||
			c.Path() == "/readyz" {
			return next(c)
		}
		c.Set("ip", c.RealIP())
		r := c.Request().WithContext(withIP(c.Request().Context(), c.RealIP()))
		c.SetRequest(r)
		s, err := site.sessions.Get(r, sessionCookie)
		if err != nil {
			return err
		}
		c.Set(sessionKey, s)
		row := SessionRow(s)
		if row != nil && row.User != nil && row.User.ID != 0 && row.User.DisabledAt == nil {
			c.Set(userKey, row.User)
			if time.Since(row.LastSeenAt) > 5*time.Minute {
				if err := s.Save(r, c.Response()); err != nil { // in use: its lifetime and its cookie's start again
					return err
				}
				site.RememberReader(c, row.User)
			}
		}
		return next(c)
	}
}

// require lets only users with the role in. Visitors who are not signed in are redirected to the sign-in page, and back
// afterwards.
func (site *Site) require(role models.Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if role == Public {
				return next(c)
			}
			u := User(c)
			if u == nil || !pageOf(c, u) {
				boundStranger(c)
				return site.askToSignIn(c)
			}
			if !u.Role.Can(role) {
				return &models.Error{
					Kind: models.KindForbidden,
					Code: "page.role_needed",
					Args: models.Args{"Role": role},
				}
			}
			if err := site.withMask(c, u); err != nil {
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

// CameFrom is the page of ours that a form was sent from, or the start page if that is unknown.
func CameFrom(c echo.Context) string {
	u, err := url.Parse(c.Request().Referer())
	if err != nil || u.Host != c.Request().Host {
		return "/"
	}
	return LocalPath(u.RequestURI())
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
func (site *Site) askToSignIn(c echo.Context) error {
	get := c.Request().Method == http.MethodGet
	switch {
	case c.Path() == "/events", WantsPart(c) && get:
		return c.NoContent(http.StatusUnauthorized)
	case WantsPart(c):
		c.Response().Header().Set("HX-Reswap", "none")
		return Render(
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
	f, err := ReadForm(c)
	if err != nil || len(f.Values) == 0 { // with files, or too large to be kept: ask for the page again
		return c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(CameFrom(c)))
	}
	p := layout.SignInProps{KeptFor: c.Request().URL.RequestURI(), Kept: f.Encode(), DemoHint: site.SignInHint(c)}
	return Render(c, http.StatusUnauthorized, layout.Bare("Sign in", layout.SignIn(p)))
}

const (
	// readerCookie identifies the user who last used this browser while signed in.
	ReaderCookie = "parley_reader"
	// readerLife is the longest lifetime that browsers allow for a cookie. It is renewed together with the session's
	// cookie, and outlives it. https://developer.chrome.com/blog/cookie-max-age-expires
	readerLife = 400 * 24 * time.Hour
)

// RememberReader stores in the browser that u uses it.
func (site *Site) RememberReader(c echo.Context, u *accounts.User) {
	c.SetCookie(&http.Cookie{
		Name:     ReaderCookie,
		Value:    u.PublicID,
		Path:     "/",
		MaxAge:   int(readerLife.Seconds()),
		HttpOnly: true,
		Secure:   secure(site.PublicURL),
		SameSite: http.SameSiteLaxMode,
	})
}

// SetUser signs somebody in for this request alone.
func SetUser(c echo.Context, u *accounts.User) { c.Set(userKey, u) }

// User is the signed-in user, nil if there is none.
func User(c echo.Context) *accounts.User {
	u, _ := c.Get(userKey).(*accounts.User)
	return u
}

// Actor is the signed-in user as an actor for the audit log.
func Actor(c echo.Context) models.Actor { return User(c).Actor(RequestIDOf(c)) }

// Session is the sign-in session of a request, nil where routes have none.
func Session(c echo.Context) *sessions.Session {
	s, _ := c.Get(sessionKey).(*sessions.Session)
	return s
}

// Flash stores a message for the next page.
func Flash(c echo.Context, tone whatsapp.Tone, text string) error {
	s := Session(c)
	s.Values["flash"] = string(tone) + ":" + text
	return s.Save(c.Request(), c.Response())
}

// popFlash returns the previous page's message, and removes it.
func popFlash(c echo.Context) (*layout.Flash, error) {
	s := Session(c)
	text, ok := s.Values["flash"].(string)
	if !ok {
		return nil, nil
	}
	delete(s.Values, "flash")
	tone, text, _ := strings.Cut(text, ":")
	return &layout.Flash{Tone: whatsapp.Tone(tone), Text: text}, s.Save(c.Request(), c.Response())
}

// Done flashes what was done and redirects to a page.
func Done(c echo.Context, to, text string) error {
	if err := Flash(c, whatsapp.ToneGood, text); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, LocalPath(to))
}

// Refused redirects back to a page with a refusal's sentence; any other error is returned unchanged.
func Refused(c echo.Context, err error, to string) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Kind != models.KindConflict && e.Kind != models.KindInvalid {
		return err
	}
	if err := Flash(c, whatsapp.ToneBad, e.Message()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, LocalPath(to))
}

// withMask makes pages show masked numbers to roles that may not see full ones. Admins always see full numbers.
func (site *Site) withMask(c echo.Context, u *accounts.User) error {
	if u.Role.Can(models.Admin) {
		return nil
	}
	ctx := c.Request().Context()
	p, err := models.Read(site.Store).Privacy(ctx)
	if err == nil && p.Masks(u.Role) {
		c.SetRequest(c.Request().WithContext(components.WithMask(ctx, mask.OwnNumbers(ctx, site.Store, site.Log, u))))
	}
	return err
}
