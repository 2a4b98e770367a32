package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/layout"
)

const (
	sessionKey = "session"
	userKey    = "user"
)

// withSession reads the session and its user. Routes of everybody work without one.
func (a *App) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if strings.HasPrefix(c.Path(), "/webhooks/") || c.Path() == "/healthz" || c.Path() == "/readyz" {
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
				if err := a.Store.TouchSession(r.Context(), row.ID, time.Now(), time.Now().Add(sessionLife)); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// require lets only users with the role in. Nobody signed in: to the sign-in page, and back afterwards.
func (a *App) require(role models.Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if role == Public {
				return next(c)
			}
			u := userOf(c)
			if u == nil {
				return a.askToSignIn(c)
			}
			if !u.Role.Can(role) {
				return &models.Error{Kind: models.KindForbidden, Message: "This needs the role " + string(role) + ". Ask an admin if you should have it."}
			}
			return next(c)
		}
	}
}

// askToSignIn keeps what was typed where it can: a part answers 401 with a sentence and leaves the page
// as it is.
func (a *App) askToSignIn(c echo.Context) error {
	if wantsPart(c) || c.Path() == "/events" {
		c.Response().Header().Set("HX-Reswap", "none")
		return render(c, http.StatusUnauthorized, layout.ToastPart("bad", "Your session has ended. Sign in in another tab, then try again: what you typed is still here."))
	}
	next := "/"
	if c.Request().Method == http.MethodGet {
		next = c.Request().URL.RequestURI()
	}
	return c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(next))
}

// userOf is who is signed in, nil if nobody is.
func userOf(c echo.Context) *models.User {
	u, _ := c.Get(userKey).(*models.User)
	return u
}

// actor is the signed-in user as the doer of something.
func actor(c echo.Context) models.Actor { return userOf(c).Actor(requestIDOf(c)) }

func sessionOf(c echo.Context) *sessions.Session {
	s, _ := c.Get(sessionKey).(*sessions.Session)
	return s
}

// rotate gives the signed-in user a new session with a new token, so that a token from before is worth nothing.
func (a *App) rotate(c echo.Context, u *models.User) error {
	old := sessionOf(c)
	if row := rowOf(old); row != nil {
		if err := a.Store.DeleteSession(c.Request().Context(), row.TokenHash); err != nil {
			return err
		}
	}
	for k := range old.Values {
		delete(old.Values, k)
	}
	if err := old.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	row := rowOf(old)
	row.UserID = &u.ID
	return a.Store.SaveSession(c.Request().Context(), row)
}

// flash keeps a message for the next page.
func (a *App) flash(c echo.Context, tone, text string) error {
	s := sessionOf(c)
	s.Values["flash"] = tone + ":" + text
	return s.Save(c.Request(), c.Response())
}

// takeFlash returns the message of the page before, once.
func (a *App) takeFlash(c echo.Context) (*layout.Flash, error) {
	s := sessionOf(c)
	text, ok := s.Values["flash"].(string)
	if !ok {
		return nil, nil
	}
	delete(s.Values, "flash")
	tone, text, _ := strings.Cut(text, ":")
	return &layout.Flash{Tone: tone, Text: text}, s.Save(c.Request(), c.Response())
}

// done says what was done and goes on to a page.
func (a *App) done(c echo.Context, to, text string) error {
	if err := a.flash(c, "good", text); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}
