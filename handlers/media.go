package handlers

import (
	"crypto/subtle"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/media"
)

// showMedia serves a file of a conversation to somebody who is signed in.
func (a *App) showMedia(c echo.Context) error {
	f, err := a.Store.MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.serveFile(c, f)
}

// sendMediaOut serves an outgoing file to Twilio, which knows its key.
func (a *App) sendMediaOut(c echo.Context) error {
	f, err := a.Store.MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if f.AccessKey == "" || subtle.ConstantTimeCompare([]byte(f.AccessKey), []byte(c.Param("key"))) != 1 {
		return models.NotFound("file")
	}
	return a.serveFile(c, f)
}

func (a *App) serveFile(c echo.Context, f *models.MediaFile) error {
	if f.File == "" {
		return models.NotFound("file")
	}
	file, err := a.Media.Read(f.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	h := c.Response().Header()
	kind := f.ContentType
	if !media.Shown(kind) {
		// What a stranger sent is never opened inside our pages.
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "file-" + f.PublicID + extension(kind)}))
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	}
	h.Set(echo.HeaderContentType, kind)
	h.Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(c.Response(), c.Request(), "", f.CreatedAt, file)
	return nil
}

func extension(kind string) string {
	if ext, err := mime.ExtensionsByType(kind); err == nil && len(ext) > 0 {
		return ext[0]
	}
	return ".bin"
}
