package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations/mediafiles"
	"parley/services/media"
)

// File is a file with what is known about it.
type File struct {
	Stored      string // its name in the media store, empty if there is none
	ContentType string
	Name        string // that it is saved under, its id if empty
	ID          string
	At          time.Time
}

// MediaFile is the file of a message.
func MediaFile(f *mediafiles.MediaFile) File {
	return File{Stored: f.File, ContentType: f.ContentType, Name: f.Name, ID: f.PublicID, At: f.CreatedAt}
}

// ServeFile answers with a file, in a way that runs nothing of it. A file that is not there is not found.
func ServeFile(c echo.Context, files *media.Files, f File) error {
	if f.Stored == "" {
		return models.NotFound("file")
	}
	file, err := files.Read(c.Request().Context(), f.Stored)
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
	if !media.Shown(f.ContentType) {
		name := f.Name
		if name == "" {
			name = "file-" + f.ID + media.Extension(f.ContentType)
		}
		h.Set("Content-Disposition", Disposition(name))
	}
	h.Set(echo.HeaderContentType, f.ContentType)
	h.Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(c.Response(), c.Request(), "", f.At, file)
	return nil
}

// Attached is the file in the form's field, nil if none was chosen. Call close when done.
func Attached(c echo.Context) (up *media.Upload, done func(), err error) {
	done = func() {}
	h, err := c.FormFile("file")
	if err != nil || h.Size == 0 || h.Filename == "" {
		return nil, done, nil //nolint:nilerr // no file is no error
	}
	f, err := h.Open()
	if err != nil {
		return nil, done, err
	}
	return &media.Upload{Name: h.Filename, Body: f}, func() { _ = f.Close() }, nil
}
