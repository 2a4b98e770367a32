package web

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

// withRequestID gives each request an id, so that its log lines can be found from a person's report.
func withRequestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := strings.ToLower(rand.Text()[:12])
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), requestIDKey, id)))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// RequestIDOf is the id of a request, which its log lines carry.
func RequestIDOf(c echo.Context) string {
	id, _ := c.Request().Context().Value(requestIDKey).(string)
	return id
}

func recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
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
func (site *Site) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
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
		site.Log.Log(
			c.Request().Context(),
			level,
			"request",
			"id",
			RequestIDOf(c),
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
func (site *Site) cleanURL(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		odd := func(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }
		if webhook(c) { // Twilio signs the address as it is
			return next(c)
		}
		u := c.Request().URL
		if query, err := url.QueryUnescape(u.RawQuery); odd(u.Path) || err != nil || odd(query) {
			return NotFound(c)
		}
		return next(c)
	}
}

// webhook reports whether a request is to one of the routes that Twilio calls.
func webhook(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/webhooks/") }

const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func (site *Site) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Parley", "1") // static/src/js/net treats any answer without it as a proxy's
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
		if secure(site.PublicURL) {
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
func (site *Site) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	if u, err := url.Parse(site.PublicURL); err == nil {
		// Behind a proxy the Host header may differ from the one that the browser sent.
		if err := guard.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			site.Log.Warn("PUBLIC_URL is no origin", "error", err)
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
