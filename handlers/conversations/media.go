package conversations

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations/mediafiles"
)

// showMedia serves a conversation's file to a signed-in user.
func (h *Handlers) showMedia(c echo.Context) error {
	f, err := mediafiles.Read(h.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.ServeFile(c, h.Media, web.MediaFile(f))
}

// showThumb serves a picture's thumbnail.
func (h *Handlers) showThumb(c echo.Context) error {
	f, err := mediafiles.Read(h.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.ServeFile(c, h.Media, web.File{
		Stored:      f.Thumb,
		ContentType: "image/jpeg",
		ID:          f.PublicID,
		At:          f.CreatedAt,
	})
}

// showUpload serves a file in the user's own composer.
func (h *Handlers) showUpload(c echo.Context) error {
	f, err := models.Read(h.Store).UploadByPublicID(c.Request().Context(), web.User(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	return web.ServeFile(c, h.Media, web.File{
		Stored:      f.File,
		ContentType: f.ContentType,
		Name:        f.Name,
		ID:          f.PublicID,
		At:          f.CreatedAt,
	})
}
