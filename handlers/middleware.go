package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"parley/models"
)

type contextKey int

const requestIDKey contextKey = iota

// requestID gives each request an id, so that its log lines can be found from a person's report.
func (a *App) requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := strings.ToLower(rand.Text()[:12])
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), requestIDKey, id)))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func requestIDOf(c echo.Context) string {
	id, _ := c.Request().Context().Value(requestIDKey).(string)
	return id
}

func (a *App) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // the sentinel that net/http itself compares
					panic(r)
				}
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// logRequests writes one line per request, without query strings: they can hold phone numbers.
func (a *App) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		level := slog.LevelInfo
		switch {
		case c.Response().Status >= 500:
			level = slog.LevelError
		case slices.Contains([]string{"/static/*", "/healthz", "/readyz"}, c.Path()),
			strings.HasPrefix(c.Path(), "/simulator/"):
			level = slog.LevelDebug
		}
		a.Log.Log(
			c.Request().Context(),
			level,
			"request",
			"id",
			requestIDOf(c),
			"method",
			c.Request().Method,
			"route",
			c.Path(),
			"status",
			c.Response().Status,
			"ms",
			time.Since(began).Milliseconds(),
		)
		return nil
	}
}

// cleanURL refuses addresses that no link of ours has: zero bytes and invalid UTF-8.
func (a *App) cleanURL(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		odd := func(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }
		if webhook(c) { // Twilio signs the address as it is
			return next(c)
		}
		u := c.Request().URL
		if query, err := url.QueryUnescape(u.RawQuery); odd(u.Path) || err != nil || odd(query) {
			return a.notFound(c)
		}
		return next(c)
	}
}

// webhook reports whether a request is to one of the routes that Twilio calls.
func webhook(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/webhooks/") }

const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func (a *App) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Parley", "1") // static/files/net.js treats any answer without it as a proxy's
		policy := contentPolicy
		if p := c.Request().URL.Path; strings.HasPrefix(p, "/templates") || strings.HasPrefix(p, "/versions/") {
			// A template's picture can be at any public address, because WhatsApp loads it from there.
			policy = strings.Replace(contentPolicy, "img-src 'self'", "img-src 'self' https:", 1)
		}
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
		if secure(a.PublicURL) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !strings.HasPrefix(c.Request().URL.Path, "/static/") {
			h.Set("Cache-Control", "no-store")
		}
		return next(c)
	}
}

// sameOrigin refuses requests that another site's page makes in the user's name (CSRF), by Sec-Fetch-Site and Origin.
// Webhooks and the API carry their own credentials and use no cookie.
func (a *App) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	if u, err := url.Parse(a.PublicURL); err == nil {
		// Behind a proxy the Host header may differ from the one that the browser sent.
		if err := guard.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			a.Log.Warn("PUBLIC_URL is no origin", "error", err)
		}
	}
	return func(c echo.Context) error {
		if webhook(c) || strings.HasPrefix(c.Path(), "/api/") {
			return next(c)
		}
		if err := guard.Check(c.Request()); err != nil {
			return &models.Error{
				Kind: models.KindForbidden,
				Code: "page.another_site",
				Err:  err,
			}
		}
		return next(c)
	}
}

func secure(publicURL string) bool { return strings.HasPrefix(publicURL, "https://") }
