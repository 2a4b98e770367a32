package people

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/people/segments"
	"parley/models/privacy"
	"parley/services/importing"
	peopleservice "parley/services/people"
	view "parley/views/people"
)

func (h *Handlers) exportContacts(c echo.Context) error {
	f, _, err := h.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	return h.sendExport(c, f, nil, c.QueryParam("format"))
}

// sendExport streams contacts as a file. The export is written to the audit log.
func (h *Handlers) sendExport(c echo.Context, f segments.ContactFilter, ids []string, format string) error {
	ctx := c.Request().Context()
	kind := "text/csv; charset=utf-8"
	if format == "xlsx" {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		n, _, err := segments.Read(h.Store).CountContacts(ctx, f)
		if err != nil {
			return err
		}
		if len(ids) == 0 && n > importing.MaxXLSX {
			return models.Conflict("export.too_large_for_excel")
		}
	} else {
		format = "csv"
	}
	err := h.People.NoteExport(ctx, web.Actor(c), peopleservice.Exported{Filter: f, Chosen: len(ids), Format: format})
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, kind)
	header.Set("Content-Disposition", web.Disposition("contacts-"+h.Store.Now().Format("2006-01-02")+"."+format))
	// A million contacts take longer than a request normally may.
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(30 * time.Minute)); err != nil {
		h.Site.Log.WarnContext(ctx, "no longer deadline for an export", "error", err)
	}
	return h.Importing.Export(ctx, c.Response(), importing.ExportRequest{
		Format: format,
		Filter: f,
		IDs:    ids,
		Masked: mask.Applies(c),
	})
}

// subjectAccess is everything stored about one person.
func (h *Handlers) subjectAccess(c echo.Context) (*privacy.SubjectAccessExport, error) {
	return privacy.Read(h.Store).SubjectAccessExport(c.Request().Context(), c.Param("id"))
}

// showSubjectAccess shows everything stored about a person, as a page to read and print.
func (h *Handlers) showSubjectAccess(c echo.Context) error {
	e, err := h.subjectAccess(c)
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Everything about one person", Area: "contacts"},
		view.SubjectAccess(e, h.Store.Now()),
		nil,
	)
}

// exportSubjectAccess exports the same as JSON. The export is written to the audit log.
func (h *Handlers) exportSubjectAccess(c echo.Context) error {
	e, err := h.subjectAccess(c)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	if err := h.People.NoteSubjectAccess(c.Request().Context(), web.Actor(c), e.Contact); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", web.Disposition("person-"+e.Contact+".json"))
	return c.Blob(http.StatusOK, "application/json", b)
}
