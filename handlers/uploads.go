package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations"
	"parley/views/inbox"
)

// receiveUpload stores the form's file for the composer, nil if there is none.
func (a *App) receiveUpload(c echo.Context, conv *conversations.Conversation) (*models.Upload, error) {
	h, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if h.Size == 0 && h.Filename == "" {
		return nil, nil
	}
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	ctx := c.Request().Context()
	up, err := a.Media.Take(ctx, strings.ToValidUTF8(h.Filename, ""), file)
	if err != nil {
		return nil, err
	}
	row := &models.Upload{
		UserID:         userOf(c).ID,
		ConversationID: conv.ID,
		File:           up.File,
		Thumb:          up.Thumb,
		ContentType:    up.ContentType,
		Size:           up.Size,
		Name:           up.Name,
		AccessKey:      up.AccessKey,
		Voice:          up.Voice,
	}
	if err := models.AddUpload(ctx, a.Store, row); err != nil {
		return nil, errors.Join(err, a.Media.Discard(ctx, up))
	}
	return row, nil
}

// upload adds a file to the composer, before the reply is sent.
func (a *App) upload(c echo.Context) error {
	conv, err := conversations.Read(a.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	_, err = a.receiveUpload(c, conv)
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	if !refused {
		status = http.StatusOK
	}
	return a.showUploads(c, conv, problems["file"], status)
}

// dropUpload removes a file from the composer.
func (a *App) dropUpload(c echo.Context) error {
	ctx := c.Request().Context()
	conv, err := conversations.Read(a.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	gone, err := models.DropUploads(ctx, a.Store, userOf(c).ID, []string{c.Param("upload")})
	for _, g := range gone {
		err = errors.Join(err, a.Media.Delete(ctx, g.File), a.Media.Delete(ctx, g.Thumb))
	}
	if err != nil {
		return err
	}
	if !wantsPart(c) {
		return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
	}
	return a.showUploads(c, conv, "", http.StatusOK)
}

func (a *App) showUploads(c echo.Context, conv *conversations.Conversation, problem string, status int) error {
	list, err := models.Read(a.Store).Uploads(c.Request().Context(), userOf(c).ID, conv.ID)
	if err != nil {
		return err
	}
	return render(c, status, inbox.Uploads(conv, list, problem))
}
