package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/people"
	"parley/models/templates"
	"parley/services/approvals"
	templateviews "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// templatesPage is how many rows a page of the list shows, boardCards how many cards a column of the board.
const (
	templatesPage = 50
	boardCards    = 20
)

func (a *App) showTemplates(c echo.Context) error {
	ctx := c.Request().Context()
	q := form{c.QueryParams()}
	p := templateviews.ListProps{
		View:    q.get("view"),
		MayEdit: userOf(c).Role.Can(models.Operator),
		Now:     a.Store.Now(),
		Filter: templates.TemplateFilter{
			State:    q.get("state"),
			Category: whatsapp.Category(q.get("category")),
			Language: q.get("language"),
			Query:    cut(q.get("q"), 100),
			After:    q.get("after"),
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
	if p.Counts, p.Languages, err = templates.Read(a.Store).TemplateCounts(ctx); err != nil {
		return err
	}
	for _, field := range p.Unknown() {
		p.Gone = append(p.Gone, gone(c, field, "No such "+field))
	}
	if p.View == "list" {
		p.Rows, p.Next, err = templates.Read(a.Store).Templates(ctx, p.Filter)
	} else {
		p.Board, err = templates.Read(a.Store).Board(ctx, p.Filter, boardCards)
	}
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Templates", area: "templates"}, templateviews.Page(p), templateviews.List(p))
}

func (a *App) showTemplate(c echo.Context) error { return a.templatePage(c, nil, 0) }

// historyShown is how many entries of its history a template's page shows.
const historyShown = 100

func (a *App) templatePage(c echo.Context, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	t, err := templates.Read(a.Store).TemplateByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p := templateviews.DetailProps{
		Template:     t,
		AllLanguages: locale.Languages,
		Problems:     problems,
		MayEdit:      userOf(c).Role.Can(models.Operator),
		Admin:        userOf(c).Role.Can(models.Admin),
		Now:          a.Store.Now(),
	}
	if p.History, err = models.Read(a.Store).AuditEvents(ctx, "template", t.PublicID, historyShown); err != nil {
		return err
	}
	if p.Use, err = templates.Read(a.Store).TemplateUse(ctx, t.ID); err != nil {
		return err
	}
	if p.Notifications, p.Chats, err = templates.Read(a.Store).UsedIn(ctx, t.ID, 8); err != nil {
		return err
	}
	if p.Topics, err = people.Read(a.Store).Topics(ctx); err != nil {
		return err
	}
	one := templateviews.Detail(p)
	return a.page(c, view{title: t.Title(), area: "templates", topics: []string{t.Topic()}, status: status}, one, one)
}

func (a *App) compareVersions(c echo.Context) error {
	t, err := templates.Read(a.Store).TemplateByPublicID(c.Request().Context(), c.Param("id"))
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
	return a.page(c, view{title: "Compare " + t.Title(), area: "templates"}, templateviews.Compare(t, before, after), nil)
}

func (a *App) nextVersion(c echo.Context) error {
	v, err := a.Approvals.NewVersion(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return a.refusedVersion(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/versions/"+v.PublicID+"/edit")
}

// refusedVersion redirects back to the page of the version's template with the reason.
func (a *App) refusedVersion(c echo.Context, cause error) error {
	v, err := templates.Read(a.Store).VersionByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.refused(c, cause, "/templates/"+v.Template.PublicID)
}

func (a *App) duplicateVersion(c echo.Context) error {
	v, err := a.Approvals.Duplicate(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return a.refusedVersion(c, err)
	}
	return a.done(c, "/versions/"+v.PublicID+"/edit", "This is a template of its own now. Give it a name.")
}

// addLanguage drafts a version in another language, starting with the fallback language's text.
func (a *App) addLanguage(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	t, err := templates.Read(a.Store).TemplateByPublicID(ctx, c.Param("id"))
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
	v, err := a.Approvals.AddLanguage(ctx, actor(c), from.PublicID, f.get("language"))
	if problems, status, ok := problemsOf(err); ok {
		return a.templatePage(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/versions/"+v.PublicID+"/edit", "Translate the text. This language gets an approval of its own.")
}

func (a *App) saveTemplateSettings(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Approvals.ChangeSettings(c.Request().Context(), actor(c), c.Param("id"), approvals.Settings{
		SendRole:         models.Role(f.get("send_role")),
		FallbackLanguage: f.get("fallback_language"),
		TopicID:          f.get("topic"),
	})
	if problems, status, ok := problemsOf(err); ok {
		return a.templatePage(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/templates/"+c.Param("id"), "Saved.")
}

func (a *App) archiveTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	archive := f.get("archive") != ""
	if err := a.Approvals.Archive(c.Request().Context(), actor(c), c.Param("id"), archive); err != nil {
		return a.refused(c, err, "/templates/"+c.Param("id"))
	}
	if archive {
		return a.done(c, "/templates/"+c.Param("id"), "Archived. It is out of all lists; restore it here.")
	}
	return a.done(c, "/templates/"+c.Param("id"), "Restored.")
}

func (a *App) deleteTemplate(c echo.Context) error {
	if err := a.Approvals.Delete(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return a.refused(c, err, "/templates/"+c.Param("id"))
	}
	return a.done(c, "/templates", "Deleted at WhatsApp. Its history stays on record.")
}

func (a *App) importTemplates(c echo.Context) error {
	if err := a.Approvals.Import(c.Request().Context(), actor(c)); err != nil {
		return err
	}
	return a.done(c, "/templates?view=list", "Parley reads your templates at Twilio. They appear here by themselves.")
}

// setSandboxSid stores the content SID that a template of the Sandbox has in the business's own account.
func (a *App) setSandboxSid(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	t, err := a.Approvals.SetSandboxSid(c.Request().Context(), actor(c), c.Param("id"), f.get("content_sid"))
	if err != nil {
		return a.refused(c, err, "/templates/"+t)
	}
	return a.done(c, "/templates/"+t, "Saved.")
}
