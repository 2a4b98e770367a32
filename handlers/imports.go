package handlers

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/people/imports"
	"parley/services/importing"
	views "parley/views/contacts"
	"parley/whatsapp"
)

// importsShown is how many imports the page lists.
const importsShown = 50

func (a *App) showImports(c echo.Context) error { return a.importsPage(c, "", 0) }

func (a *App) importsPage(c echo.Context, problem string, status int) error {
	list, err := imports.Read(a.Store).Imports(c.Request().Context(), importsShown)
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Import contacts", area: "contacts", topics: []string{"imports"}, status: status},
		views.Imports(views.ImportsProps{List: list, Problem: problem, Now: a.Store.Now()}),
		nil,
	)
}

// uploadImport stores the file as it streams in, without holding it in memory as a whole.
func (a *App) uploadImport(c echo.Context) error {
	// Half a gigabyte over a slow connection takes longer than a request normally may.
	control, late := http.NewResponseController(c.Response()), time.Now().Add(2*time.Hour)
	if err := errors.Join(control.SetReadDeadline(late), control.SetWriteDeadline(late)); err != nil {
		a.Log.WarnContext(c.Request().Context(), "no longer deadline for an upload", "error", err)
	}
	r, err := c.Request().MultipartReader()
	if err != nil {
		return a.importsPage(c, "Choose a file first.", http.StatusUnprocessableEntity)
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF { //nolint:errorlint // it is returned as it is
			return a.importsPage(c, "Choose a file first.", http.StatusUnprocessableEntity)
		}
		if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		i, err := a.Importing.Upload(c.Request().Context(), actor(c), part.FileName(), part)
		if problems, status, ok := problemsOf(err); ok {
			return a.importsPage(c, problems["file"], status)
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

func (a *App) showImport(c echo.Context) error {
	i, err := imports.Read(a.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.importPage(c, i, nil, 0)
}

func (a *App) importPage(c echo.Context, i *imports.Import, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	p := views.ImportProps{Import: i, Problems: problems, Admin: userOf(c).Role.Can(models.Admin), Now: a.Store.Now()}
	if err := a.contactWords(c, &p.Words); err != nil {
		return err
	}
	var err error
	if i.State == imports.ImportNew || i.State == imports.ImportChecked || i.State == imports.ImportHeld {
		if p.Preview, err = a.Importing.Preview(c.Request().Context(), i, previewLines); err != nil {
			return err
		}
	}
	if i.Counts.Unread > 0 {
		if p.Unread, err = imports.Read(a.Store).UnreadOptOuts(ctx, i.ID, refusalsPreview); err != nil {
			return err
		}
	}
	if i.Counts.Doubtful > 0 {
		if p.Doubtful, err = imports.Read(a.Store).DoubtfulNumbers(ctx, i.ID, doubtfulShown); err != nil {
			return err
		}
	}
	if i.Counts.Listed() > 0 {
		if p.Reasons, err = imports.Read(a.Store).ImportReasons(ctx, i.ID); err != nil {
			return err
		}
		if p.Refused, err = imports.Read(a.Store).ImportRefusals(ctx, i.ID, 0, refusalsPreview); err != nil {
			return err
		}
	}
	return a.page(
		c,
		view{title: i.Name, area: "contacts", topics: []string{i.Topic()}, status: status},
		views.Import(p),
		views.ImportPart(p),
	)
}

// checkImport starts the dry run with what the form says.
func (a *App) checkImport(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	i, err := imports.Read(a.Store).ImportByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	o := imports.ImportOptions{
		Header:    f.get("header") != "",
		Country:   f.get("country"),
		Overwrite: f.get("overwrite") != "",
		Consent:   f.get("consent"),
		Source:    whatsapp.ConsentSource(f.get("source")),
		Proof:     f.get("proof"),
		Wording:   f.get("wording"),
		FileID:    i.Options.FileID,
	}
	for n := range i.Options.Columns {
		o.Columns = append(o.Columns, f.get("column-"+strconv.Itoa(n)))
	}
	o.Tags, err = a.Contacts.TagsFor(ctx, actor(c), f.get("tag"), f.get("new_tag"))
	if err == nil {
		err = a.importProof(c, &o)
	}
	if err == nil {
		err = a.Importing.Check(ctx, actor(c), i.PublicID, o)
	}
	if problems, status, ok := problemsOf(err); ok {
		o.Separator, o.Encoding = i.Options.Separator, i.Options.Encoding
		i.Options = o
		return a.importPage(c, i, problems, status)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contacts/imports/"+i.PublicID)
}

// importProof stores the file that proves the opt-ins, if one was attached.
func (a *App) importProof(c echo.Context, o *imports.ImportOptions) error {
	upload, done, err := attached(c)
	defer done()
	if err != nil || upload == nil {
		return err
	}
	file, err := a.Importing.Proof(c.Request().Context(), actor(c), upload.Name, upload.Body)
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
func (a *App) movedImport(c echo.Context, err error) error {
	if problems, status, ok := problemsOf(err); ok {
		i, err := imports.Read(a.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
		if err != nil {
			return err
		}
		return a.importPage(c, i, problems, status)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contacts/imports/"+c.Param("id"))
}

func (a *App) startImport(c echo.Context) error {
	return a.movedImport(c, a.Importing.Start(c.Request().Context(), actor(c), c.Param("id")))
}

// confirmNumbers confirms the ticked numbers to check, or all of them.
func (a *App) confirmNumbers(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	all := f.get("do") == "all"
	numbers, err := a.tickedNumbers(c, f.Values["number"])
	if err != nil {
		return err
	}
	confirmed := importing.Confirmation{Numbers: numbers, All: all}
	return a.movedImport(c, a.Importing.Confirm(c.Request().Context(), actor(c), c.Param("id"), confirmed))
}

// tickedNumbers are the numbers to check that a form names: by the number itself or, where numbers are masked, by the
// line.
func (a *App) tickedNumbers(c echo.Context, ticked []string) (numbers []string, err error) {
	if !slices.ContainsFunc(ticked, func(t string) bool { return strings.HasPrefix(t, views.LinePrefix) }) {
		return ticked, nil
	}
	ctx := c.Request().Context()
	i, err := imports.Read(a.Store).ImportByPublicID(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	list, err := imports.Read(a.Store).DoubtfulNumbers(ctx, i.ID, doubtfulShown)
	for _, r := range list {
		if slices.Contains(ticked, views.LinePrefix+strconv.FormatInt(r.Line, 10)) {
			numbers = append(numbers, r.Number)
		}
	}
	return numbers, err
}

func (a *App) cancelImport(c echo.Context) error {
	return a.movedImport(c, a.Importing.Cancel(c.Request().Context(), actor(c), c.Param("id")))
}

func (a *App) undoImport(c echo.Context) error {
	return a.movedImport(c, a.Importing.Undo(c.Request().Context(), actor(c), c.Param("id")))
}

func (a *App) releaseImport(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return a.movedImport(c, a.Importing.Release(c.Request().Context(), actor(c), c.Param("id"), f.get("reason")))
}

func (a *App) sendRefused(c echo.Context) error {
	i, err := imports.Read(a.Store).ImportByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set("Content-Disposition", disposition("refused-"+i.Name+".csv"))
	c.Response().WriteHeader(http.StatusOK)
	return a.Importing.Report(c.Request().Context(), c.Response(), i, a.masked(c))
}
