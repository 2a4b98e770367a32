package handlers

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/services/assembly"
	"parley/static"
	"parley/views/gallery"
)

// program are the routes about the program itself.
func program(s *assembly.Services, o Options) []web.Route {
	list := []web.Route{
		web.GET("/healthz", "healthz", web.Public, showHealth),
		web.GET("/readyz", "readyz", web.Public, func(c echo.Context) error { return showReadiness(c, s) }),
		web.GET("/manifest.webmanifest", "manifest", web.Public, showManifest),
	}
	if o.Development {
		list = append(list, web.GET("/dev/gallery", "gallery", web.Public, func(c echo.Context) error {
			return web.Render(c, http.StatusOK, gallery.Page(s.Store.Now()))
		}))
	}
	return list
}

func showHealth(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func showReadiness(c echo.Context, s *assembly.Services) error {
	if err := s.Ready(c.Request().Context()); err != nil {
		s.Log.Warn("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
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
