package conversations

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations"
	view "parley/views/conversations"
)

// receiveUpload stores the form's file for the composer, nil if there is none.
func (h *Handlers) receiveUpload(c echo.Context, conv *conversations.Conversation) (*models.Upload, error) {
	header, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if header.Size == 0 && header.Filename == "" {
		return nil, nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	ctx := c.Request().Context()
	up, err := h.Media.Take(ctx, strings.ToValidUTF8(header.Filename, ""), file)
	if err != nil {
		return nil, err
	}
	row := &models.Upload{
		UserID:         web.User(c).ID,
		ConversationID: conv.ID,
		File:           up.File,
		Thumb:          up.Thumb,
		ContentType:    up.ContentType,
		Size:           up.Size,
		Name:           up.Name,
		AccessKey:      up.AccessKey,
		Voice:          up.Voice,
	}
	if err := models.AddUpload(ctx, h.Store, row); err != nil {
		return nil, errors.Join(err, h.Media.Discard(ctx, up))
	}
	return row, nil
}

// upload adds a file to the composer, before the reply is sent.
func (h *Handlers) upload(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	_, err = h.receiveUpload(c, conv)
	problems, status, refused := web.Problems(err)
	if err != nil && !refused {
		return err
	}
	if !refused {
		status = http.StatusOK
	}
	return h.showUploads(c, conv, problems["file"], status)
}

// dropUpload removes a file from the composer.
func (h *Handlers) dropUpload(c echo.Context) error {
	ctx := c.Request().Context()
	conv, err := conversations.Read(h.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	gone, err := models.DropUploads(ctx, h.Store, web.User(c).ID, []string{c.Param("upload")})
	for _, g := range gone {
		err = errors.Join(err, h.Media.Delete(ctx, g.File), h.Media.Delete(ctx, g.Thumb))
	}
	if err != nil {
		return err
	}
	if !web.WantsPart(c) {
		return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
	}
	return h.showUploads(c, conv, "", http.StatusOK)
}

func (h *Handlers) showUploads(c echo.Context, conv *conversations.Conversation, problem string, status int) error {
	list, err := models.Read(h.Store).Uploads(c.Request().Context(), web.User(c).ID, conv.ID)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.Uploads(conv, list, problem))
}
