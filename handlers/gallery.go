package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/views/gallery"
)

// showGallery shows every component with sample data, in development only.
func (a *App) showGallery(c echo.Context) error {
	return render(c, http.StatusOK, gallery.Page(a.Store.Now()))
}
