package templates

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/templates"
	"parley/services/approvals"
	view "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// autosave stores the draft while the user types. The answer names the draft and its version in headers; a conflict is
// answered with 409 and the choice between the two texts.
func (h *Handlers) autosave(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	if p.ID == "" && p.Name == "" && p.Content.Body == "" && p.Content.Type == whatsapp.TypeText {
		return c.NoContent(http.StatusNoContent)
	}
	v, err := h.store(c, p)
	if models.KindOf(err) == models.KindConflict {
		return h.conflict(c, p)
	}
	if problems, status, ok := web.Problems(err); ok {
		for _, text := range problems {
			return c.String(status, "Not saved: "+text)
		}
	}
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("X-Draft", v.PublicID)
	header.Set("X-Draft-Version", strconv.Itoa(v.Version))
	return web.Render(c, http.StatusOK, view.Saved())
}

// conflict shows what somebody else saved beside what is being typed.
func (h *Handlers) conflict(c echo.Context, p view.EditorProps) error {
	ctx := c.Request().Context()
	v, err := templates.Read(h.Store).VersionByPublicID(ctx, p.ID)
	if err != nil {
		return err
	}
	if v.State != whatsapp.Draft {
		return c.String(http.StatusUnprocessableEntity, "Not saved: this draft was submitted meanwhile.")
	}
	by := "Somebody else"
	if v.EditedBy != nil {
		if u, err := accounts.Read(h.Store).UserByID(ctx, *v.EditedBy); err == nil {
			by = u.Name
		}
	}
	return web.Render(
		c,
		http.StatusConflict,
		view.Conflict(by, v.PublicID, strconv.Itoa(v.Version), plaintext.Diff(v.Body, p.Content.Body)),
	)
}

// others shows who else has the draft open, and whether somebody has saved since.
func (h *Handlers) others(c echo.Context) error {
	ctx, u := c.Request().Context(), web.User(c)
	v, err := templates.Read(h.Store).VersionByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	names, err := templates.Visit(ctx, h.Store, v, u.ID)
	if err != nil {
		return err
	}
	changedBy := ""
	if n, err := strconv.Atoi(c.QueryParam("version")); err == nil && n < v.Version && v.EditedBy != nil &&
		*v.EditedBy != u.ID {
		other, err := accounts.Read(h.Store).UserByID(ctx, *v.EditedBy)
		if err != nil {
			return err
		}
		changedBy = other.Name
	}
	return web.Render(c, http.StatusOK, view.Others(names, changedBy, v.PublicID))
}

// testTemplate sends the stored draft to the user's own phone.
func (h *Handlers) testTemplate(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Get("id") == "" {
		return web.Render(c, http.StatusUnprocessableEntity, view.TestResult("Write something first.", ""))
	}
	// A second press within three seconds counts as the same test: a form with autosave has no token of its own.
	token := "test-" + f.Get("id") + "-" + f.Get("version") + "-" + strconv.FormatInt(time.Now().Unix()/3, 10)
	conv, err := h.Approvals.TestSend(c.Request().Context(), web.User(c), web.Actor(c), approvals.TestForm{
		VersionID: f.Get("id"),
		SenderID:  f.Get("test_sender"),
		Phone:     f.Get("test_phone"),
		Token:     token,
	})
	if problems, status, ok := web.Problems(err); ok {
		for _, text := range problems {
			return web.Render(c, status, view.TestResult(text, ""))
		}
	}
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.TestResult("", "/inbox/"+conv))
}
