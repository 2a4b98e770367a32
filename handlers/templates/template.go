package templates

import (
	"net/http"
	"slices"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/people"
	"parley/models/templates"
	"parley/services/approvals"
	view "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// templatesPage is how many rows a page of the list shows, boardCards how many cards a column of the board.
const (
	templatesPage = 50
	boardCards    = 20
)

func (h *Handlers) showTemplates(c echo.Context) error {
	ctx := c.Request().Context()
	q := web.Query(c)
	p := view.ListProps{
		View:    q.Get("view"),
		MayEdit: web.User(c).Role.Can(models.Operator),
		Now:     h.Store.Now(),
		Filter: templates.TemplateFilter{
			State:    q.Get("state"),
			Category: whatsapp.Category(q.Get("category")),
			Language: q.Get("language"),
			Query:    plaintext.Cut(q.Get("q"), 100),
			After:    q.Get("after"),
			Limit:    templatesPage,
		},
	}
	if p.View != "list" {
		p.View = "board"
	}
	if p.Filter.State != "" {
		p.View = "list" // the board shows all states
	}
	var err error
	if p.Counts, p.Languages, err = templates.Read(h.Store).TemplateCounts(ctx); err != nil {
		return err
	}
	for _, field := range p.Unknown() {
		p.Gone = append(p.Gone, web.Gone(c, field, "No such "+field))
	}
	if p.View == "list" {
		p.Rows, p.Next, err = templates.Read(h.Store).Templates(ctx, p.Filter)
	} else {
		p.Board, err = templates.Read(h.Store).Board(ctx, p.Filter, boardCards)
	}
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Templates", Area: "templates"}, view.Page(p), view.List(p))
}

func (h *Handlers) showTemplate(c echo.Context) error { return h.templatePage(c, nil, 0) }

// historyShown is how many entries of its history a template's page shows.
const historyShown = 100

func (h *Handlers) templatePage(c echo.Context, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	t, err := templates.Read(h.Store).TemplateByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p := view.DetailProps{
		Template:     t,
		AllLanguages: locale.Languages,
		Problems:     problems,
		MayEdit:      web.User(c).Role.Can(models.Operator),
		Admin:        web.User(c).Role.Can(models.Admin),
		Now:          h.Store.Now(),
	}
	if p.History, err = models.Read(h.Store).AuditEvents(ctx, "template", t.PublicID, historyShown); err != nil {
		return err
	}
	if p.Use, err = templates.Read(h.Store).TemplateUse(ctx, t.ID); err != nil {
		return err
	}
	if p.Notifications, p.Chats, err = templates.Read(h.Store).UsedIn(ctx, t.ID, 8); err != nil {
		return err
	}
	if p.Topics, err = people.Read(h.Store).Topics(ctx); err != nil {
		return err
	}
	one := view.Detail(p)
	return h.Site.Page(
		c,
		web.View{Title: t.Title(), Area: "templates", Topics: []string{t.Topic()}, Status: status},
		one,
		one,
	)
}

func (h *Handlers) compareVersions(c echo.Context) error {
	t, err := templates.Read(h.Store).TemplateByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	pick := func(id string) *templates.TemplateVersion {
		i := slices.IndexFunc(t.Versions, func(v templates.TemplateVersion) bool { return v.PublicID == id })
		if i < 0 {
			return nil
		}
		return &t.Versions[i]
	}
	before, after := pick(c.QueryParam("a")), pick(c.QueryParam("b"))
	if before == nil || after == nil {
		return models.NotFound("version")
	}
	return h.Site.Page(c, web.View{Title: "Compare " + t.Title(), Area: "templates"}, view.Compare(t, before, after), nil)
}

func (h *Handlers) nextVersion(c echo.Context) error {
	v, err := h.Approvals.NewVersion(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return h.refusedVersion(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/versions/"+v.PublicID+"/edit")
}

// refusedVersion redirects back to the page of the version's template with the reason.
func (h *Handlers) refusedVersion(c echo.Context, cause error) error {
	v, err := templates.Read(h.Store).VersionByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.Refused(c, cause, "/templates/"+v.Template.PublicID)
}

func (h *Handlers) duplicateVersion(c echo.Context) error {
	v, err := h.Approvals.Duplicate(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return h.refusedVersion(c, err)
	}
	return web.Done(c, "/versions/"+v.PublicID+"/edit", "This is a template of its own now. Give it a name.")
}

// addLanguage drafts a version in another language, starting with the fallback language's text.
func (h *Handlers) addLanguage(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	t, err := templates.Read(h.Store).TemplateByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if len(t.Versions) == 0 {
		return models.NotFound("template")
	}
	from := t.Versions[0]
	if i := slices.IndexFunc(
		t.Versions,
		func(v templates.TemplateVersion) bool { return v.Language == t.FallbackLanguage },
	); i >= 0 {
		from = t.Versions[i]
	}
	v, err := h.Approvals.AddLanguage(ctx, web.Actor(c), from.PublicID, f.Get("language"))
	if problems, status, ok := web.Problems(err); ok {
		return h.templatePage(c, problems, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/versions/"+v.PublicID+"/edit", "Translate the text. This language gets an approval of its own.")
}

func (h *Handlers) saveTemplateSettings(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.Approvals.ChangeSettings(c.Request().Context(), web.Actor(c), c.Param("id"), approvals.Settings{
		SendRole:         models.Role(f.Get("send_role")),
		FallbackLanguage: f.Get("fallback_language"),
		TopicID:          f.Get("topic"),
	})
	if problems, status, ok := web.Problems(err); ok {
		return h.templatePage(c, problems, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/templates/"+c.Param("id"), "Saved.")
}

func (h *Handlers) archiveTemplate(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	archive := f.Get("archive") != ""
	if err := h.Approvals.Archive(c.Request().Context(), web.Actor(c), c.Param("id"), archive); err != nil {
		return web.Refused(c, err, "/templates/"+c.Param("id"))
	}
	if archive {
		return web.Done(c, "/templates/"+c.Param("id"), "Archived. It is out of all lists; restore it here.")
	}
	return web.Done(c, "/templates/"+c.Param("id"), "Restored.")
}

func (h *Handlers) deleteTemplate(c echo.Context) error {
	if err := h.Approvals.Delete(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return web.Refused(c, err, "/templates/"+c.Param("id"))
	}
	return web.Done(c, "/templates", "Deleted at WhatsApp. Its history stays on record.")
}

func (h *Handlers) importTemplates(c echo.Context) error {
	if err := h.Approvals.Import(c.Request().Context(), web.Actor(c)); err != nil {
		return err
	}
	return web.Done(c, "/templates?view=list", "Parley reads your templates at Twilio. They appear here by themselves.")
}

// setSandboxSid stores the content SID that a template of the Sandbox has in the business's own account.
func (h *Handlers) setSandboxSid(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	t, err := h.Approvals.SetSandboxSid(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("content_sid"))
	if err != nil {
		return web.Refused(c, err, "/templates/"+t)
	}
	return web.Done(c, "/templates/"+t, "Saved.")
}
