package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/views/gallery"
)

// showGallery shows every component with sample data; only in development.
func (a *App) showGallery(c echo.Context) error {
	return render(c, http.StatusOK, gallery.Page(a.Store.Now()))
}
