package imports

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/people/imports"
	"parley/services/importing"
	view "parley/views/people/imports"
	"parley/whatsapp"
)

// importsShown is how many imports the page lists.
const importsShown = 50

func (h *Handlers) showImports(c echo.Context) error { return h.importsPage(c, "", 0) }

func (h *Handlers) importsPage(c echo.Context, problem string, status int) error {
	list, err := imports.Read(h.Store).Imports(c.Request().Context(), importsShown)
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Import contacts", Area: "contacts", Topics: []string{"imports"}, Status: status},
		view.Imports(view.ImportsProps{List: list, Problem: problem, Now: h.Store.Now()}),
		nil,
	)
}

// uploadImport stores the file as it streams in, without holding it in memory as a whole.
func (h *Handlers) uploadImport(c echo.Context) error {
	// Half a gigabyte over a slow connection takes longer than a request normally may.
	control, late := http.NewResponseController(c.Response()), time.Now().Add(2*time.Hour)
	if err := errors.Join(control.SetReadDeadline(late), control.SetWriteDeadline(late)); err != nil {
		h.Site.Log.WarnContext(c.Request().Context(), "no longer deadline for an upload", "error", err)
	}
	r, err := c.Request().MultipartReader()
	if err != nil {
		return h.importsPage(c, "Choose a file first.", http.StatusUnprocessableEntity)
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF { //nolint:errorlint // it is returned as it is
			return h.importsPage(c, "Choose a file first.", http.StatusUnprocessableEntity)
		}
		if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		i, err := h.Importing.Upload(c.Request().Context(), web.Actor(c), part.FileName(), part)
		if problems, status, ok := web.Problems(err); ok {
			return h.importsPage(c, problems["file"], status)
		}
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/contacts/imports/"+i.PublicID)
	}
}

const (
	previewLines    = 6
	refusalsPreview = 20
	doubtfulShown   = 100
)

func (h *Handlers) showImport(c echo.Context) error {
	i, err := imports.Read(h.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.importPage(c, i, nil, 0)
}

func (h *Handlers) importPage(c echo.Context, i *imports.Import, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	p := view.ImportProps{Import: i, Problems: problems, Admin: web.User(c).Role.Can(models.Admin), Now: h.Store.Now()}
	if err := web.ContactWords(c.Request().Context(), h.Store, &p.Words); err != nil {
		return err
	}
	var err error
	if i.State == imports.ImportNew || i.State == imports.ImportChecked || i.State == imports.ImportHeld {
		if p.Preview, err = h.Importing.Preview(c.Request().Context(), i, previewLines); err != nil {
			return err
		}
	}
	if i.Counts.Unread > 0 {
		if p.Unread, err = imports.Read(h.Store).UnreadOptOuts(ctx, i.ID, refusalsPreview); err != nil {
			return err
		}
	}
	if i.Counts.Doubtful > 0 {
		if p.Doubtful, err = imports.Read(h.Store).DoubtfulNumbers(ctx, i.ID, doubtfulShown); err != nil {
			return err
		}
	}
	if i.Counts.Listed() > 0 {
		if p.Reasons, err = imports.Read(h.Store).ImportReasons(ctx, i.ID); err != nil {
			return err
		}
		if p.Refused, err = imports.Read(h.Store).ImportRefusals(ctx, i.ID, 0, refusalsPreview); err != nil {
			return err
		}
	}
	return h.Site.Page(
		c,
		web.View{Title: i.Name, Area: "contacts", Topics: []string{i.Topic()}, Status: status},
		view.Import(p),
		view.ImportPart(p),
	)
}

// checkImport starts the dry run with what the form says.
func (h *Handlers) checkImport(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	i, err := imports.Read(h.Store).ImportByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	o := imports.ImportOptions{
		Header:    f.Get("header") != "",
		Country:   f.Get("country"),
		Overwrite: f.Get("overwrite") != "",
		Consent:   f.Get("consent"),
		Source:    whatsapp.ConsentSource(f.Get("source")),
		Proof:     f.Get("proof"),
		Wording:   f.Get("wording"),
		FileID:    i.Options.FileID,
	}
	for n := range i.Options.Columns {
		o.Columns = append(o.Columns, f.Get("column-"+strconv.Itoa(n)))
	}
	o.Tags, err = h.People.TagsFor(ctx, web.Actor(c), f.Get("tag"), f.Get("new_tag"))
	if err == nil {
		err = h.importProof(c, &o)
	}
	if err == nil {
		err = h.Importing.Check(ctx, web.Actor(c), i.PublicID, o)
	}
	if problems, status, ok := web.Problems(err); ok {
		o.Separator, o.Encoding = i.Options.Separator, i.Options.Encoding
		i.Options = o
		return h.importPage(c, i, problems, status)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contacts/imports/"+i.PublicID)
}

// importProof stores the file that proves the opt-ins, if one was attached.
func (h *Handlers) importProof(c echo.Context, o *imports.ImportOptions) error {
	upload, done, err := web.Attached(c)
	defer done()
	if err != nil || upload == nil {
		return err
	}
	file, err := h.Importing.Proof(c.Request().Context(), web.Actor(c), upload.Name, upload.Body)
	if err != nil {
		return err
	}
	o.FileID = &file.ID
	if o.Proof != "" {
		o.Proof += "\n"
	}
	o.Proof += file.Fingerprint()
	return nil
}

// moved answers a step of an import with its outcome.
func (h *Handlers) movedImport(c echo.Context, err error) error {
	if problems, status, ok := web.Problems(err); ok {
		i, err := imports.Read(h.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
		if err != nil {
			return err
		}
		return h.importPage(c, i, problems, status)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contacts/imports/"+c.Param("id"))
}

func (h *Handlers) startImport(c echo.Context) error {
	return h.movedImport(c, h.Importing.Start(c.Request().Context(), web.Actor(c), c.Param("id")))
}

// confirmNumbers confirms the ticked numbers to check, or all of them.
func (h *Handlers) confirmNumbers(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	all := f.Get("do") == "all"
	numbers, err := h.tickedNumbers(c, f.Values["number"])
	if err != nil {
		return err
	}
	confirmed := importing.Confirmation{Numbers: numbers, All: all}
	return h.movedImport(c, h.Importing.Confirm(c.Request().Context(), web.Actor(c), c.Param("id"), confirmed))
}

// tickedNumbers are the numbers to check that a form names: by the number itself or, where numbers are masked, by the
// line.
func (h *Handlers) tickedNumbers(c echo.Context, ticked []string) (numbers []string, err error) {
	if !slices.ContainsFunc(ticked, func(t string) bool { return strings.HasPrefix(t, view.LinePrefix) }) {
		return ticked, nil
	}
	ctx := c.Request().Context()
	i, err := imports.Read(h.Store).ImportByPublicID(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	list, err := imports.Read(h.Store).DoubtfulNumbers(ctx, i.ID, doubtfulShown)
	for _, r := range list {
		if slices.Contains(ticked, view.LinePrefix+strconv.FormatInt(r.Line, 10)) {
			numbers = append(numbers, r.Number)
		}
	}
	return numbers, err
}

func (h *Handlers) cancelImport(c echo.Context) error {
	return h.movedImport(c, h.Importing.Cancel(c.Request().Context(), web.Actor(c), c.Param("id")))
}

func (h *Handlers) undoImport(c echo.Context) error {
	return h.movedImport(c, h.Importing.Undo(c.Request().Context(), web.Actor(c), c.Param("id")))
}

func (h *Handlers) releaseImport(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.movedImport(c, h.Importing.Release(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("reason")))
}

func (h *Handlers) sendRefused(c echo.Context) error {
	i, err := imports.Read(h.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	header.Set("Content-Disposition", web.Disposition("refused-"+i.Name+".csv"))
	c.Response().WriteHeader(http.StatusOK)
	return h.Importing.Report(c.Request().Context(), c.Response(), i, mask.Applies(c))
}
