package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/approvals"
	templateviews "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/lint"
	"parley/whatsapp/locale"
)

func (a *App) newTemplate(c echo.Context) error {
	return a.editor(
		c,
		templateviews.EditorProps{
			Category: whatsapp.Utility,
			Language: "en",
			Number:   1,
			Content:  whatsapp.Content{Type: whatsapp.TypeText},
		},
		0,
	)
}

// editor shows the page. The findings are about the typed text, combined with what stored state adds to them.
func (a *App) editor(c echo.Context, p templateviews.EditorProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Findings, err = a.lint(c, p); err != nil {
		return err
	}
	if p.Rejections, err = templates.Read(a.Store).Rejections(ctx, p.Category, 4); err != nil {
		return err
	}
	if p.Senders, err = senders.Read(a.Store).Senders(ctx); err != nil {
		return err
	}
	p.Languages, p.Phone = locale.Languages, userOf(c).Phone
	if p.Custom, err = people.Read(a.Store).ContactFields(ctx); err != nil {
		return err
	}
	title := "New template"
	v := view{area: "templates", status: status}
	if p.ID != "" {
		title = p.Name
		v.topics = []string{"draft-" + p.ID}
	}
	if v.title = title; v.title == "" {
		v.title = "Untitled"
	}
	return a.page(c, v, templateviews.Editor(p), nil)
}

// lint checks what was typed. An empty draft has no findings.
func (a *App) lint(c echo.Context, p templateviews.EditorProps) ([]lint.Finding, error) {
	if p.Name == "" && p.Content.Body == "" && p.Content.Type == whatsapp.TypeText {
		return nil, nil
	}
	t, v := &templates.Template{
		Name:     p.Name,
		Category: p.Category,
	}, &templates.TemplateVersion{
		Language: p.Language,
		Number:   p.Number,
	}
	if p.ID != "" {
		stored, err := templates.Read(a.Store).VersionByPublicID(c.Request().Context(), p.ID)
		if err != nil {
			return nil, err
		}
		t.ID, v.Number = stored.TemplateID, stored.Number
	}
	v.SetContent(&p.Content)
	for n, s := range p.Samples {
		v.Placeholders = append(v.Placeholders, templates.Placeholder{Name: n, Sample: s})
	}
	facts, err := templates.Read(a.Store).Facts(c.Request().Context(), t, v)
	if err != nil {
		return nil, err
	}
	facts.OwnBase = a.PublicURL
	findings := lint.Check(facts)
	if p.Name != "" {
		return findings, nil
	}
	var out []lint.Finding
	for _, f := range findings { // a name that has not been written yet is not a mistake
		if f.Rule != "name" {
			out = append(out, f)
		}
	}
	return out, nil
}

// editorOf reads the editor's form.
func editorOf(f form) templateviews.EditorProps {
	minutes, err := strconv.Atoi(f.get("minutes"))
	if err != nil && f.get("minutes") != "" {
		minutes = -1 // the lint reports what is wrong
	}
	p := templateviews.EditorProps{
		ID:       f.get("id"),
		Name:     f.get("name"),
		Category: whatsapp.Category(f.get("category")),
		Language: f.get("language"),
		Version:  f.version(),
		Number:   1,
		Samples:  f.prefixed("sample-"),
		Fields:   f.prefixed("field-"),
		Defaults: f.prefixed("default-"),
	}
	p.Content = whatsapp.Content{
		Type:      whatsapp.ContentType(f.get("type")),
		Body:      f.text("body"),
		Header:    f.get("header"),
		Footer:    f.get("footer"),
		Media:     f.get("media"),
		Button:    f.get("button"),
		Latitude:  f.get("latitude"),
		Longitude: f.get("longitude"),
		Label:     f.get("label"),
		Address:   f.get("address"),
		Advice:    f.get("advice") != "",
		Minutes:   minutes,
		Copy:      f.get("copy"),
		Actions:   readActions(f, "action-"),
	}
	if p.Content.Type == "" {
		p.Content.Type = whatsapp.TypeText
	}
	for i := 1; i <= maxParts && f.has("item-"+strconv.Itoa(i)+"-title"); i++ {
		n := "item-" + strconv.Itoa(i)
		p.Content.Items = append(
			p.Content.Items,
			whatsapp.Item{Title: f.get(n + "-title"), ID: f.get(n + "-id"), Description: f.get(n + "-description")},
		)
	}
	for i := 1; i <= maxParts && f.has("card-"+strconv.Itoa(i)+"-body"); i++ {
		n := "card-" + strconv.Itoa(i)
		p.Content.Cards = append(
			p.Content.Cards,
			whatsapp.Card{
				Title:   f.get(n + "-title"),
				Body:    f.text(n + "-body"),
				Media:   f.get(n + "-media"),
				Actions: readActions(f, n+"-action-"),
			},
		)
	}
	return p
}

// maxParts is how many buttons, items or cards are read from a form; the lint enforces the real limits.
const maxParts = 20

func readActions(f form, prefix string) []whatsapp.Action {
	var out []whatsapp.Action
	for i := 1; i <= maxParts && f.has(prefix+strconv.Itoa(i)+"-type"); i++ {
		n := prefix + strconv.Itoa(i)
		out = append(
			out,
			whatsapp.Action{
				Type:  f.get(n + "-type"),
				Title: f.get(n + "-title"),
				Value: f.get(n + "-value"),
				ID:    f.get(n + "-id"),
			},
		)
	}
	return out
}

// checkTemplate answers while the user types: the preview and the findings.
func (a *App) checkTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	if p.Findings, err = a.lint(c, p); err != nil {
		return err
	}
	if p.Custom, err = people.Read(a.Store).ContactFields(c.Request().Context()); err != nil {
		return err
	}
	return render(c, http.StatusOK, templateviews.Checked(p))
}

// editParts answers when the type changes, or a button, an item or a card is added or removed. Nothing is stored.
func (a *App) editParts(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	p.Content = rearranged(p.Content, c.QueryParam("do"))
	p.Category = categoryFor(p.Content.Type, p.Category)
	if err := a.fixedName(c, &p); err != nil {
		return err
	}
	p.Languages = locale.Languages
	if p.Custom, err = people.Read(a.Store).ContactFields(c.Request().Context()); err != nil {
		return err
	}
	c.Response().Header().Set("HX-Trigger-After-Swap", "draft-changed")
	c.Response().Header().Set("HX-Trigger", "draft-changed")
	return render(c, http.StatusOK, templateviews.Parts(p))
}

func categoryFor(t whatsapp.ContentType, category whatsapp.Category) whatsapp.Category {
	switch {
	case t == whatsapp.TypeAuthentication:
		return whatsapp.Authentication
	case category == whatsapp.Authentication:
		return whatsapp.Utility
	}
	return category
}

// fixedName fills in what can't be changed once WhatsApp knows the template.
func (a *App) fixedName(c echo.Context, p *templateviews.EditorProps) error {
	if p.ID == "" {
		return nil
	}
	v, err := templates.Read(a.Store).VersionByPublicID(c.Request().Context(), p.ID)
	if err != nil {
		return err
	}
	p.TemplateID, p.Number, p.NameFixed = v.Template.PublicID, v.Number, v.Template.FixedAt != nil
	if p.NameFixed {
		p.Name, p.Category, p.Language = v.Template.Name, v.Template.Category, v.Language
	}
	return nil
}

func textOf(p templateviews.EditorProps) approvals.Text {
	return approvals.Text{
		Name:     p.Name,
		Category: p.Category,
		Language: p.Language,
		Content:  p.Content,
		Samples:  p.Samples,
		Fields:   p.Fields,
		Defaults: p.Defaults,
	}
}

// store saves the editor's form: as a new draft, or to the one that it was opened with.
func (a *App) store(c echo.Context, p templateviews.EditorProps) (*templates.TemplateVersion, error) {
	if p.ID == "" {
		return a.Approvals.Create(c.Request().Context(), actor(c), textOf(p))
	}
	opened := approvals.Revision{VersionID: p.ID, Version: p.Version}
	return a.Approvals.Save(c.Request().Context(), actor(c), opened, textOf(p))
}

// saveTemplate handles the editor's form: it stores the draft, and continues with the action of the pressed button.
func (a *App) saveTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	do := f.get("do")
	if do != "submit" && do != "save" && do != "" { // without script: a button that changes the form
		p.Content = rearranged(p.Content, do)
		p.Category = categoryFor(p.Content.Type, p.Category)
		if err := a.fixedName(c, &p); err != nil {
			return err
		}
		return a.editor(c, p, 0)
	}
	v, err := a.store(c, p)
	if err == nil {
		if do != "submit" {
			return a.done(c, "/templates/"+v.Template.PublicID, "The draft was saved.")
		}
		p = editorFor(v)
		err = a.Approvals.Submit(c.Request().Context(), actor(c), approvals.RevisionOf(v), f.get("confirmed") != "")
	}
	if _, _, ok := problemsOf(err); ok {
		return a.refusedDraft(c, p, err)
	}
	if err != nil {
		return err
	}
	said := "Submitted. WhatsApp's decision appears here by itself."
	if v.ContentType.SessionOnly() {
		said = "It is made ready for open sessions."
	}
	return a.done(c, "/templates/"+v.Template.PublicID, said)
}

// refusedDraft shows the editor again, with the reason why the draft was refused.
func (a *App) refusedDraft(c echo.Context, p templateviews.EditorProps, cause error) error {
	if err := a.fixedName(c, &p); err != nil {
		return err
	}
	problems, status, _ := problemsOf(cause)
	p.Problems = problems
	if cause == approvals.ErrWarnings { //nolint:errorlint // it is returned as it is
		p.AskWarnings, p.Problems = true, nil
	}
	if p.ID != "" {
		v, err := templates.Read(a.Store).VersionByPublicID(c.Request().Context(), p.ID)
		if err != nil {
			return err
		}
		p.Version = v.Version // saving again overwrites deliberately
	}
	return a.editor(c, p, status)
}

func editorFor(v *templates.TemplateVersion) templateviews.EditorProps {
	in := approvals.TextOf(v)
	return templateviews.EditorProps{
		ID:         v.PublicID,
		TemplateID: v.Template.PublicID,
		Name:       in.Name,
		Category:   in.Category,
		Language:   in.Language,
		Number:     v.Number,
		Content:    in.Content,
		Samples:    in.Samples,
		Fields:     in.Fields,
		Defaults:   in.Defaults,
		Version:    v.Version,
		NameFixed:  v.Template.FixedAt != nil,
	}
}

func (a *App) editVersion(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := templates.Read(a.Store).VersionByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if v.State != whatsapp.Draft {
		return c.Redirect(http.StatusSeeOther, "/templates/"+v.Template.PublicID)
	}
	p := editorFor(v)
	t, err := templates.Read(a.Store).TemplateByPublicID(ctx, v.Template.PublicID)
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

func (a *App) discardDraft(c echo.Context) error {
	gone, id, err := a.Approvals.Discard(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	if gone {
		return a.done(c, "/templates", "The draft was discarded.")
	}
	return a.done(c, "/templates/"+id, "The draft was discarded.")
}
