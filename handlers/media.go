package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations/mediafiles"
	"parley/services/media"
)

// showMedia serves a conversation's file to a signed-in user.
func (a *App) showMedia(c echo.Context) error {
	f, err := mediafiles.Read(a.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.serveFile(c, stored{f.File, f.ContentType, f.Name, f.PublicID, f.CreatedAt})
}

// showThumb serves a picture's thumbnail.
func (a *App) showThumb(c echo.Context) error {
	f, err := mediafiles.Read(a.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.serveFile(c, stored{f.Thumb, "image/jpeg", "", f.PublicID, f.CreatedAt})
}

// showUpload serves a file in the user's own composer.
func (a *App) showUpload(c echo.Context) error {
	f, err := models.Read(a.Store).UploadByPublicID(c.Request().Context(), userOf(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	return a.serveFile(c, stored{f.File, f.ContentType, f.Name, f.PublicID, f.CreatedAt})
}

// sendMediaOut serves an outgoing file to Twilio, at a signed address that is valid for messaging.MediaLinkLasts.
func (a *App) sendMediaOut(c echo.Context) error {
	f, err := mediafiles.Read(a.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !f.Fetchable(c.Param("key"), a.Store.Now()) {
		return models.NotFound("file")
	}
	return a.serveFile(c, stored{f.File, f.ContentType, f.Name, f.PublicID, f.CreatedAt})
}

// stored is a file with what is known about it.
type stored struct {
	file, contentType, name, id string
	at                          time.Time
}

func (a *App) serveFile(c echo.Context, f stored) error {
	if f.file == "" {
		return models.NotFound("file")
	}
	file, err := a.Media.Read(c.Request().Context(), f.file)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	h := c.Response().Header()
	// Content from strangers must not run anything, even when opened by itself.
	h.Set(
		"Content-Security-Policy",
		"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
	)
	if !media.Shown(f.contentType) {
		name := f.name
		if name == "" {
			name = "file-" + f.id + media.Extension(f.contentType)
		}
		h.Set("Content-Disposition", disposition(name))
	}
	h.Set(echo.HeaderContentType, f.contentType)
	h.Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(c.Response(), c.Request(), "", f.at, file)
	return nil
}
