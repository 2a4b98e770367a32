// Package web is what the handlers of all areas share: sessions and rights, pages and their parts, errors, forms and
// files.
package web

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"parley/models"
	"parley/static"
)

// Site answers requests with pages for the reader who is signed in.
type Site struct {
	Store          *models.Store
	Log            *slog.Logger
	PublicURL      string
	Simulation     Simulation
	sessions       sessions.Store
	trustedProxies []netip.Prefix
}

// Options are what a site is built with.
type Options struct {
	PublicURL      string
	SessionKey     []byte // 32 bytes or more
	Simulation     Simulation
	TrustedProxies []netip.Prefix // whose X-Forwarded-For header is trusted; if empty, nobody's is
}

// New makes a site.
func New(store *models.Store, log *slog.Logger, o Options) *Site {
	return &Site{
		Store:          store,
		Log:            log,
		PublicURL:      o.PublicURL,
		Simulation:     o.Simulation,
		sessions:       newSessionStore(store, o.SessionKey, secure(o.PublicURL)),
		trustedProxies: o.TrustedProxies,
	}
}

// Echo is the server with what applies to every request.
func (site *Site) Echo() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = site.handleError
	e.IPExtractor = ipFrom(site.trustedProxies)
	if len(site.trustedProxies) == 0 {
		e.IPExtractor = warnOfProxy(e.IPExtractor, site.Log)
	}
	e.Use(withRequestID, recoverPanics, site.logRequests, site.secureHeaders, site.simulation,
		middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: uncompressed}),
		site.sameOrigin)
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	e.RouteNotFound("/*", NotFound, site.withSession)
	return e
}

// Mount adds routes, each behind its limit and its right.
func (site *Site) Mount(e *echo.Echo, routes []Route) {
	for _, r := range routes {
		added := e.Add(r.Method, r.Path, r.Handler,
			bodyLimit(r.MaxBody), site.withSession, site.cleanURL, site.require(r.Role))
		added.Name = r.Name
	}
}

// uncompressed excludes the event stream and Twilio's webhooks from compression: each compressor holds 0.8 MB while the
// response is open, and thousands of callbacks arrive at once after an outage at Twilio.
func uncompressed(c echo.Context) bool {
	return c.Path() == "/events" || strings.HasPrefix(c.Path(), "/webhooks/")
}

// NotFound answers that there is no such page.
func NotFound(echo.Context) error {
	return &models.Error{
		Kind: models.KindNotFound,
		Code: "page.not_found",
	}
}

func bodyLimit(n int64) echo.MiddlewareFunc {
	if n == 0 {
		n = 256 << 10
	}
	return middleware.BodyLimit(fmt.Sprintf("%dB", n))
}
