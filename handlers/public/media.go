package public

import (
	"crypto/subtle"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations/mediafiles"
	"parley/models/templates"
)

// sendMediaOut serves an outgoing file to Twilio, at a signed address that is valid for messaging.MediaLinkLasts.
func (h *Handlers) sendMediaOut(c echo.Context) error {
	f, err := mediafiles.Read(h.Store).MediaByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !f.Fetchable(c.Param("key"), h.Store.Now()) {
		return models.NotFound("file")
	}
	return web.ServeFile(c, h.Media, web.MediaFile(f))
}

// sendTemplateFile serves a template's file to WhatsApp, by its key.
func (h *Handlers) sendTemplateFile(c echo.Context) error {
	row, err := templates.Read(h.Store).TemplateFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	key := strings.TrimSuffix(c.Param("key"), path.Ext(c.Param("key")))
	if subtle.ConstantTimeCompare([]byte(row.AccessKey), []byte(key)) != 1 {
		return models.NotFound("file")
	}
	return web.ServeFile(c, h.Media, web.File{
		Stored:      row.File,
		ContentType: row.ContentType,
		ID:          row.PublicID,
		At:          row.CreatedAt,
	})
}
