package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/templates"
	"parley/services/approvals"
	templateviews "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// autosave stores the draft while the user types. The answer names the draft and its version in headers; a conflict is
// answered with 409 and the choice between the two texts.
func (a *App) autosave(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	if p.ID == "" && p.Name == "" && p.Content.Body == "" && p.Content.Type == whatsapp.TypeText {
		return c.NoContent(http.StatusNoContent)
	}
	v, err := a.store(c, p)
	if models.KindOf(err) == models.KindConflict {
		return a.conflict(c, p)
	}
	if problems, status, ok := problemsOf(err); ok {
		for _, text := range problems {
			return c.String(status, "Not saved: "+text)
		}
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("X-Draft", v.PublicID)
	h.Set("X-Draft-Version", strconv.Itoa(v.Version))
	return render(c, http.StatusOK, templateviews.Saved())
}

// conflict shows what somebody else saved beside what is being typed.
func (a *App) conflict(c echo.Context, p templateviews.EditorProps) error {
	ctx := c.Request().Context()
	v, err := templates.Read(a.Store).VersionByPublicID(ctx, p.ID)
	if err != nil {
		return err
	}
	if v.State != whatsapp.Draft {
		return c.String(http.StatusUnprocessableEntity, "Not saved: this draft was submitted meanwhile.")
	}
	by := "Somebody else"
	if v.EditedBy != nil {
		if u, err := accounts.Read(a.Store).UserByID(ctx, *v.EditedBy); err == nil {
			by = u.Name
		}
	}
	return render(
		c,
		http.StatusConflict,
		templateviews.Conflict(by, v.PublicID, strconv.Itoa(v.Version), plaintext.Diff(v.Body, p.Content.Body)),
	)
}

// others shows who else has the draft open, and whether somebody has saved since.
func (a *App) others(c echo.Context) error {
	ctx, u := c.Request().Context(), userOf(c)
	v, err := templates.Read(a.Store).VersionByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	names, err := templates.Visit(ctx, a.Store, v, u.ID)
	if err != nil {
		return err
	}
	changedBy := ""
	if n, err := strconv.Atoi(c.QueryParam("version")); err == nil && n < v.Version && v.EditedBy != nil &&
		*v.EditedBy != u.ID {
		other, err := accounts.Read(a.Store).UserByID(ctx, *v.EditedBy)
		if err != nil {
			return err
		}
		changedBy = other.Name
	}
	return render(c, http.StatusOK, templateviews.Others(names, changedBy, v.PublicID))
}

// testTemplate sends the stored draft to the user's own phone.
func (a *App) testTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("id") == "" {
		return render(c, http.StatusUnprocessableEntity, templateviews.TestResult("Write something first.", ""))
	}
	// A second press within three seconds counts as the same test: a form with autosave has no token of its own.
	token := "test-" + f.get("id") + "-" + f.get("version") + "-" + strconv.FormatInt(time.Now().Unix()/3, 10)
	conv, err := a.Approvals.TestSend(c.Request().Context(), userOf(c), actor(c), approvals.TestForm{
		VersionID: f.get("id"),
		SenderID:  f.get("test_sender"),
		Phone:     f.get("test_phone"),
		Token:     token,
	})
	if problems, status, ok := problemsOf(err); ok {
		for _, text := range problems {
			return render(c, status, templateviews.TestResult(text, ""))
		}
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, templateviews.TestResult("", "/inbox/"+conv))
}
