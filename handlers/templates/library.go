package templates

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/templates"
	"parley/services/approvals"
	"parley/services/media"
	view "parley/views/templates"
	"parley/whatsapp/library"
)

func (h *Handlers) showLibrary(c echo.Context) error {
	rows, _, err := templates.Read(h.Store).Templates(
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
	return h.Site.Page(c, web.View{Title: "Library", Area: "templates"}, view.Library(sandbox), nil)
}

// useStarter creates a draft from one of the library's templates.
func (h *Handlers) useStarter(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s := library.Find(f.Get("name"))
	if s == nil {
		return models.NotFound("template")
	}
	v, err := h.Approvals.Create(
		c.Request().Context(),
		web.Actor(c),
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
	return web.Done(c, "/versions/"+v.PublicID+"/edit", "Yours now. Change what you like, then submit it.")
}

func (h *Handlers) showSheet(c echo.Context) error {
	return h.sheetPage(c, view.SheetProps{}, 0)
}

func (h *Handlers) sheetPage(c echo.Context, p view.SheetProps, status int) error {
	return h.Site.Page(
		c,
		web.View{Title: "Drafts from a sheet", Area: "templates", Status: status},
		view.Sheet(p),
		nil,
	)
}

// sheetLines are the rows of a sheet as they are shown.
func sheetLines(rows []approvals.SheetRow) []view.SheetLine {
	var lines []view.SheetLine
	for _, r := range rows {
		lines = append(lines, view.SheetLine{
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
func (h *Handlers) importSheet(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	typed := f.Raw("sheet")
	b := []byte(typed)
	if header, err := c.FormFile("file"); err == nil && header.Size > 0 {
		file, err := header.Open()
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // only read
		if b, err = io.ReadAll(file); err != nil {
			return err
		}
	}
	rows, err := approvals.ReadSheet(b)
	if problems, status, ok := web.Problems(err); ok {
		return h.sheetPage(c, view.SheetProps{Typed: typed, Problem: problems["sheet"]}, status)
	}
	if err != nil {
		return err
	}
	if f.Get("do") != "make" {
		return h.sheetPage(c, view.SheetProps{Typed: typed, Rows: sheetLines(rows)}, 0)
	}
	if rows, err = h.Approvals.CreateSheet(c.Request().Context(), web.Actor(c), rows); err != nil {
		return err
	}
	return h.sheetPage(c, view.SheetProps{Rows: sheetLines(rows), Done: true}, 0)
}

// addTemplateFile stores a picture or document for a template and answers with its public address.
func (h *Handlers) addTemplateFile(c echo.Context) error {
	header, err := c.FormFile("file")
	if err != nil {
		return c.String(http.StatusUnprocessableEntity, "Choose a file.")
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	up, err := h.Media.TakeTemplateFile(c.Request().Context(), file)
	if e, ok := errors.AsType[*models.Error](err); ok {
		return c.String(http.StatusUnprocessableEntity, e.Message())
	}
	if err != nil {
		return err
	}
	row := &templates.TemplateFile{AccessKey: up.AccessKey, File: up.File, ContentType: up.ContentType, Size: up.Size}
	if err := templates.AddTemplateFile(c.Request().Context(), h.Store, web.Actor(c), row); err != nil {
		return err
	}
	return c.String(
		http.StatusOK,
		h.Site.PublicURL+"/media/templates/"+row.PublicID+"/"+row.AccessKey+media.Ending(row.ContentType),
	)
}
