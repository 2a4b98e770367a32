package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/people/segments"
	"parley/models/privacy"
	"parley/services/contacts"
	"parley/services/importing"
	views "parley/views/contacts"
)

func (a *App) exportContacts(c echo.Context) error {
	f, _, err := a.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	return a.sendExport(c, f, nil, c.QueryParam("format"))
}

// sendExport streams contacts as a file. The export is written to the audit log.
func (a *App) sendExport(c echo.Context, f segments.ContactFilter, ids []string, format string) error {
	ctx := c.Request().Context()
	kind := "text/csv; charset=utf-8"
	if format == "xlsx" {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		n, _, err := segments.Read(a.Store).CountContacts(ctx, f)
		if err != nil {
			return err
		}
		if len(ids) == 0 && n > importing.MaxXLSX {
			return models.Conflict("export.too_large_for_excel")
		}
	} else {
		format = "csv"
	}
	err := a.Contacts.NoteExport(ctx, actor(c), contacts.Exported{Filter: f, Chosen: len(ids), Format: format})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set("Content-Disposition", disposition("contacts-"+a.Store.Now().Format("2006-01-02")+"."+format))
	// A million contacts take longer than a request normally may.
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(30 * time.Minute)); err != nil {
		a.Log.WarnContext(ctx, "no longer deadline for an export", "error", err)
	}
	return a.Importing.Export(ctx, c.Response(), importing.ExportRequest{
		Format: format,
		Filter: f,
		IDs:    ids,
		Masked: a.masked(c),
	})
}

// subjectAccess is everything stored about one person.
func (a *App) subjectAccess(c echo.Context) (*privacy.SubjectAccessExport, error) {
	return privacy.Read(a.Store).SubjectAccessExport(c.Request().Context(), c.Param("id"))
}

// showSubjectAccess shows everything stored about a person, as a page to read and print.
func (a *App) showSubjectAccess(c echo.Context) error {
	e, err := a.subjectAccess(c)
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Everything about one person", area: "contacts"},
		views.SubjectAccess(e, a.Store.Now()),
		nil,
	)
}

// exportSubjectAccess exports the same as JSON. The export is written to the audit log.
func (a *App) exportSubjectAccess(c echo.Context) error {
	e, err := a.subjectAccess(c)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	if err := a.Contacts.NoteSubjectAccess(c.Request().Context(), actor(c), e.Contact); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition("person-"+e.Contact+".json"))
	return c.Blob(http.StatusOK, "application/json", b)
}
