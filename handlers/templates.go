package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/approvals"
	"parley/services/whatsapp"
	"parley/views/templates"
)

func (a *App) showTemplates(c echo.Context) error {
	state := whatsapp.Approval(c.QueryParam("state"))
	if !state.Known() {
		state = ""
	}
	rows, err := a.Store.Templates(c.Request().Context(), state)
	if err != nil {
		return err
	}
	p := templates.ListProps{State: state, Rows: rows, MayEdit: userOf(c).Role.Can(models.Operator), Now: a.Store.Now()}
	return a.page(c, view{title: "Templates", area: "templates"}, templates.Page(p), templates.List(p))
}

func (a *App) showTemplate(c echo.Context) error {
	t, err := a.Store.TemplateByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	history, err := a.Store.ApprovalHistory(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	p := templates.OneProps{Template: t, History: history, MayEdit: userOf(c).Role.Can(models.Operator), Now: a.Store.Now()}
	one := templates.One(p)
	return a.page(c, view{title: t.Name, area: "templates", topics: []string{t.Topic()}}, one, one)
}

func (a *App) newTemplate(c echo.Context) error {
	return a.editor(c, templates.EditorProps{Category: "UTILITY", Language: "en", Samples: map[string]string{}}, 0)
}

func (a *App) editor(c echo.Context, p templates.EditorProps, status int) error {
	title := "New template"
	if p.ID != "" {
		title = p.Name
	}
	if p.Body != "" {
		p.Findings = lint(p)
	}
	return a.page(c, view{title: title, area: "templates", status: status}, templates.Editor(p, approvals.Languages), nil)
}

func lint(p templates.EditorProps) []whatsapp.Finding {
	return whatsapp.Lint(whatsapp.DraftText{Name: p.Name, Category: p.Category, Body: p.Body, Samples: p.Samples})
}

func editorOf(f form) templates.EditorProps {
	return templates.EditorProps{Name: f.get("name"), Category: f.get("category"), Language: f.get("language"), Body: f.get("body"),
		Samples: f.prefixed("sample-"), Version: f.version()}
}

// checkTemplate answers while one types: the preview and the findings.
func (a *App) checkTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	p.Findings = lint(p)
	if p.Name == "" { // not yet written: no finding before the first letter
		p.Findings = dropRule(p.Findings, "name")
	}
	return render(c, 200, templates.Checked(p))
}

func dropRule(fs []whatsapp.Finding, rule string) []whatsapp.Finding {
	var out []whatsapp.Finding
	for _, f := range fs {
		if f.Rule != rule {
			out = append(out, f)
		}
	}
	return out
}

func textOf(p templates.EditorProps) approvals.Text {
	return approvals.Text{Name: p.Name, Category: p.Category, Language: p.Language, Body: p.Body, Samples: p.Samples}
}

func (a *App) addTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	v, err := a.Approvals.Create(c.Request().Context(), actor(c), textOf(p))
	if problems, status, ok := problemsOf(err); ok {
		p.Problems = problems
		return a.editor(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.savedVersion(c, f, v.PublicID, v.Template.PublicID)
}

// savedVersion goes on after a draft was stored: to its page, or into review.
func (a *App) savedVersion(c echo.Context, f form, versionID, templateID string) error {
	if f.get("do") != "submit" {
		return a.done(c, "/templates/"+templateID, "The draft was saved.")
	}
	v, err := a.Store.VersionByPublicID(c.Request().Context(), versionID)
	if err != nil {
		return err
	}
	err = a.Approvals.Submit(c.Request().Context(), actor(c), versionID, v.Version)
	if problems, status, ok := problemsOf(err); ok {
		p := editorFor(v)
		p.Problems = problems
		return a.editor(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/templates/"+templateID, "Submitted. WhatsApp's decision appears here by itself.")
}

func editorFor(v *models.TemplateVersion) templates.EditorProps {
	return templates.EditorProps{ID: v.PublicID, TemplateID: v.Template.PublicID, Name: v.Template.Name, Category: v.Template.Category, Language: v.Language,
		Body: v.Body, Samples: v.Samples(), Version: v.Version, NameFixed: v.Number > 1}
}

func (a *App) editVersion(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := a.Store.VersionByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if v.State != whatsapp.Draft {
		return c.Redirect(303, "/templates/"+v.Template.PublicID)
	}
	p := editorFor(v)
	t, err := a.Store.TemplateByPublicID(ctx, v.Template.PublicID)
	if err != nil {
		return err
	}
	for _, o := range t.Versions {
		if o.Language == v.Language && o.Number == v.Number-1 && o.State == whatsapp.Rejected {
			p.RejectionReason = o.RejectionReason
		}
	}
	return a.editor(c, p, 0)
}

func (a *App) saveVersion(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := a.Store.VersionByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	err = a.Approvals.Save(c.Request().Context(), actor(c), v.PublicID, f.version(), textOf(editorOf(f)))
	if problems, status, ok := problemsOf(err); ok {
		p := editorOf(f)
		p.ID, p.TemplateID, p.NameFixed, p.Problems = v.PublicID, v.Template.PublicID, v.Number > 1, problems
		p.Version = v.Version // saving once more overwrites knowingly
		return a.editor(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.savedVersion(c, f, v.PublicID, v.Template.PublicID)
}

func (a *App) nextVersion(c echo.Context) error {
	v, err := a.Approvals.NewVersion(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Redirect(303, "/versions/"+v.PublicID+"/edit")
}
