// Package handlers is HTTP: each handler parses, calls a service or the store, and renders. No SQL, no rule, no call to
// Twilio. The routes and their roles are in routes.go.
package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"

	"parley/models"
	"parley/services/accounts"
	"parley/services/approvals"
	"parley/services/contacts"
	"parley/services/health"
	"parley/services/importing"
	inboxservice "parley/services/inbox"
	"parley/services/live"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	"parley/services/onboarding"
	"parley/services/senders"
	"parley/static"
)

// Deps are the handlers' dependencies.
type Deps struct {
	Store      *models.Store
	Accounts   *accounts.Service
	Messaging  *messaging.Service
	Approvals  *approvals.Service
	Notifying  *notifying.Service
	Contacts   *contacts.Service
	Inbox      *inboxservice.Service
	Importing  *importing.Service
	Onboarding *onboarding.Service
	Senders    *senders.Service
	Health     *health.Service
	Media      *media.Files
	Hub        *live.Hub
	Log        *slog.Logger
	PublicURL  string   // the address that Twilio's signatures cover
	Tokens     []string // auth tokens that webhooks may be signed with
	SessionKey []byte   // 32 bytes or more
	// SimulatorURL leads to the phones; empty with real credentials.
	SimulatorURL string
	SignInHint   string // shown to a browser on this machine
	Announced    bool   // every page says that everything is simulated
	OnlyLocal    bool   // requests from other machines are refused
	Development  bool
	Ready        func(context.Context) error
	// TrustedProxies are the addresses whose X-Forwarded-For header is trusted; if empty, none is.
	TrustedProxies []netip.Prefix
	// Heartbeat is how often a stream of events sends a heartbeat and checks its reader's rights; inbox.Heartbeat if 0.
	Heartbeat time.Duration
}

// App holds the handlers.
type App struct {
	Deps
	sessions sessions.Store
	verdicts *rate.Limiter   // of refused webhooks that are kept
	joins    *limits         // forms of opt-in pages, by address
	apiTries *limits         // calls of the API, by address
	rows     *rowBroadcaster // rows of the inbox for open pages
	streams  *streams        // of events
}

// New builds the server with all its routes.
func New(d Deps) *echo.Echo {
	a := &App{
		Deps:     d,
		sessions: newSessionStore(d.Store, d.SessionKey, secure(d.PublicURL)),
		verdicts: rate.NewLimiter(1, 60),
		joins:    newLimits(20*time.Second, 8),
		apiTries: newLimits(50*time.Millisecond, 100),
	}
	a.rows, a.streams = newRowBroadcaster(a), newStreams(streamsPerUser, streamsInAll)
	a.Hub.OnEvent(a.streams.hear)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.handleError
	e.IPExtractor = ipFrom(d.TrustedProxies)
	if len(d.TrustedProxies) == 0 {
		e.IPExtractor = warnOfProxy(e.IPExtractor, d.Log)
	}
	e.Use(a.requestID, a.recoverPanics, a.logRequests, a.secureHeaders, a.simulation,
		middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: uncompressed}),
		a.sameOrigin)
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	for _, r := range a.Routes() {
		e.Add(r.Method, r.Path, r.Handler, a.bodyLimit(r.Limit), a.withSession, a.cleanURL, a.require(r.Role)).Name = r.Name
	}
	e.RouteNotFound("/*", a.notFound, a.withSession)
	return e
}

// uncompressed excludes the event stream and Twilio's webhooks from compression: each compressor holds 0.8 MB while the
// response is open, and thousands of callbacks arrive at once after an outage at Twilio.
func uncompressed(c echo.Context) bool {
	return c.Path() == "/events" || strings.HasPrefix(c.Path(), "/webhooks/")
}

// showManifest lets phones and browsers install Parley as an app.
func showManifest(c echo.Context) error {
	icon := func(name, size, purpose string) map[string]string {
		return map[string]string{"src": static.URL(name), "sizes": size, "type": "image/png", "purpose": purpose}
	}
	c.Response().Header().Set(echo.HeaderContentType, "application/manifest+json")
	return json.NewEncoder(c.Response()).
		Encode(map[string]any{
			"name":             "Parley",
			"short_name":       "Parley",
			"id":               "/",
			"start_url":        "/inbox",
			"scope":            "/",
			"display":          "standalone",
			"background_color": "#f6f8f7",
			"theme_color":      "#0f766e",
			"description":      "A calm desk for WhatsApp conversations",
			"icons": []map[string]string{
				icon("icon-192.png", "192x192", "any"),
				icon("icon-512.png", "512x512", "any"),
				icon("icon-maskable.png", "512x512", "maskable"),
			},
		})
}

func (a *App) notFound(echo.Context) error {
	return &models.Error{
		Kind: models.KindNotFound,
		Code: "page.not_found",
	}
}

func (a *App) bodyLimit(n int64) echo.MiddlewareFunc {
	if n == 0 {
		n = 256 << 10
	}
	return middleware.BodyLimit(fmt.Sprintf("%dB", n))
}

func (a *App) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func (a *App) readyz(c echo.Context) error {
	if err := a.Ready(c.Request().Context()); err != nil {
		a.Log.Warn("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
