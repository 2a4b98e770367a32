package handlers

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/templates"
	"parley/services/approvals"
	"parley/services/media"
	templateviews "parley/views/templates"
	"parley/whatsapp/library"
)

func (a *App) showLibrary(c echo.Context) error {
	rows, _, err := templates.Read(a.Store).Templates(
		c.Request().Context(),
		templates.TemplateFilter{Query: "sandbox_", Limit: templatesPage},
	)
	if err != nil {
		return err
	}
	var sandbox []templates.TemplateRow
	for _, r := range rows {
		if r.Sandbox {
			sandbox = append(sandbox, r)
		}
	}
	return a.page(c, view{title: "Library", area: "templates"}, templateviews.Library(sandbox), nil)
}

// useStarter creates a draft from one of the library's templates.
func (a *App) useStarter(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	s := library.Find(f.get("name"))
	if s == nil {
		return models.NotFound("template")
	}
	v, err := a.Approvals.Create(
		c.Request().Context(),
		actor(c),
		approvals.Text{
			Name:     s.Name,
			Category: s.Category,
			Language: "en",
			Content:  s.Content,
			Samples:  s.Samples,
			Fields:   s.Fields,
		},
	)
	if err != nil {
		return err
	}
	return a.done(c, "/versions/"+v.PublicID+"/edit", "Yours now. Change what you like, then submit it.")
}

func (a *App) showSheet(c echo.Context) error { return a.sheetPage(c, templateviews.SheetProps{}, 0) }

func (a *App) sheetPage(c echo.Context, p templateviews.SheetProps, status int) error {
	return a.page(
		c,
		view{title: "Drafts from a sheet", area: "templates", status: status},
		templateviews.Sheet(p),
		nil,
	)
}

// sheetLines are the rows of a sheet as they are shown.
func sheetLines(rows []approvals.SheetRow) []templateviews.SheetLine {
	var lines []templateviews.SheetLine
	for _, r := range rows {
		lines = append(lines, templateviews.SheetLine{
			Line:     r.Line,
			Name:     r.Text.Name,
			Language: r.Text.Language,
			Body:     r.Text.Content.Body,
			Type:     r.Text.Content.Type,
			Problem:  r.Problem,
			ID:       r.ID,
		})
	}
	return lines
}

// importSheet previews a sheet of drafts, or creates them.
func (a *App) importSheet(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	typed := f.Get("sheet")
	b := []byte(typed)
	if h, err := c.FormFile("file"); err == nil && h.Size > 0 {
		file, err := h.Open()
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // only read
		if b, err = io.ReadAll(file); err != nil {
			return err
		}
	}
	rows, err := approvals.ReadSheet(b)
	if problems, status, ok := problemsOf(err); ok {
		return a.sheetPage(c, templateviews.SheetProps{Typed: typed, Problem: problems["sheet"]}, status)
	}
	if err != nil {
		return err
	}
	if f.get("do") != "make" {
		return a.sheetPage(c, templateviews.SheetProps{Typed: typed, Rows: sheetLines(rows)}, 0)
	}
	if rows, err = a.Approvals.CreateSheet(c.Request().Context(), actor(c), rows); err != nil {
		return err
	}
	return a.sheetPage(c, templateviews.SheetProps{Rows: sheetLines(rows), Done: true}, 0)
}

// addTemplateFile stores a picture or document for a template and answers with its public address.
func (a *App) addTemplateFile(c echo.Context) error {
	h, err := c.FormFile("file")
	if err != nil {
		return c.String(http.StatusUnprocessableEntity, "Choose a file.")
	}
	file, err := h.Open()
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	up, err := a.Media.TakeTemplateFile(c.Request().Context(), file)
	if e, ok := errors.AsType[*models.Error](err); ok {
		return c.String(http.StatusUnprocessableEntity, e.Message())
	}
	if err != nil {
		return err
	}
	row := &templates.TemplateFile{AccessKey: up.AccessKey, File: up.File, ContentType: up.ContentType, Size: up.Size}
	if err := templates.AddTemplateFile(c.Request().Context(), a.Store, actor(c), row); err != nil {
		return err
	}
	return c.String(
		http.StatusOK,
		a.PublicURL+"/media/templates/"+row.PublicID+"/"+row.AccessKey+media.Ending(row.ContentType),
	)
}

// sendTemplateFile serves a template's file to WhatsApp, by its key.
func (a *App) sendTemplateFile(c echo.Context) error {
	row, err := templates.Read(a.Store).TemplateFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	key := strings.TrimSuffix(c.Param("key"), path.Ext(c.Param("key")))
	if subtle.ConstantTimeCompare([]byte(row.AccessKey), []byte(key)) != 1 {
		return models.NotFound("file")
	}
	return a.serveFile(c, stored{row.File, row.ContentType, "", row.PublicID, row.CreatedAt})
}
