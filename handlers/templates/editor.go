package templates

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/approvals"
	view "parley/views/templates"
	"parley/whatsapp"
	"parley/whatsapp/lint"
	"parley/whatsapp/locale"
)

func (h *Handlers) newTemplate(c echo.Context) error {
	return h.editor(
		c,
		view.EditorProps{
			Category: whatsapp.Utility,
			Language: "en",
			Number:   1,
			Content:  whatsapp.Content{Type: whatsapp.TypeText},
		},
		0,
	)
}

// editor shows the page. The findings are about the typed text, combined with what stored state adds to them.
func (h *Handlers) editor(c echo.Context, p view.EditorProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Findings, err = h.lint(c, p); err != nil {
		return err
	}
	if p.Rejections, err = templates.Read(h.Store).Rejections(ctx, p.Category, 4); err != nil {
		return err
	}
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return err
	}
	p.Languages, p.Phone = locale.Languages, web.User(c).Phone
	if p.Custom, err = people.Read(h.Store).ContactFields(ctx); err != nil {
		return err
	}
	title := "New template"
	v := web.View{Area: "templates", Status: status}
	if p.ID != "" {
		title = p.Name
		v.Topics = []string{"draft-" + p.ID}
	}
	if v.Title = title; v.Title == "" {
		v.Title = "Untitled"
	}
	return h.Site.Page(c, v, view.Editor(p), nil)
}

// lint checks what was typed. An empty draft has no findings.
func (h *Handlers) lint(c echo.Context, p view.EditorProps) ([]lint.Finding, error) {
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
		stored, err := templates.Read(h.Store).VersionByPublicID(c.Request().Context(), p.ID)
		if err != nil {
			return nil, err
		}
		t.ID, v.Number = stored.TemplateID, stored.Number
	}
	v.SetContent(&p.Content)
	for n, s := range p.Samples {
		v.Placeholders = append(v.Placeholders, templates.Placeholder{Name: n, Sample: s})
	}
	facts, err := templates.Read(h.Store).Facts(c.Request().Context(), t, v)
	if err != nil {
		return nil, err
	}
	facts.OwnBase = h.Site.PublicURL
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
func editorOf(f web.Form) view.EditorProps {
	minutes, err := strconv.Atoi(f.Get("minutes"))
	if err != nil && f.Get("minutes") != "" {
		minutes = -1 // the lint reports what is wrong
	}
	p := view.EditorProps{
		ID:       f.Get("id"),
		Name:     f.Get("name"),
		Category: whatsapp.Category(f.Get("category")),
		Language: f.Get("language"),
		Version:  f.Version(),
		Number:   1,
		Samples:  f.Prefixed("sample-"),
		Fields:   f.Prefixed("field-"),
		Defaults: f.Prefixed("default-"),
	}
	p.Content = whatsapp.Content{
		Type:      whatsapp.ContentType(f.Get("type")),
		Body:      f.Text("body"),
		Header:    f.Get("header"),
		Footer:    f.Get("footer"),
		Media:     f.Get("media"),
		Button:    f.Get("button"),
		Latitude:  f.Get("latitude"),
		Longitude: f.Get("longitude"),
		Label:     f.Get("label"),
		Address:   f.Get("address"),
		Advice:    f.Get("advice") != "",
		Minutes:   minutes,
		Copy:      f.Get("copy"),
		Actions:   readActions(f, "action-"),
	}
	if p.Content.Type == "" {
		p.Content.Type = whatsapp.TypeText
	}
	for i := 1; i <= maxParts && f.Has("item-"+strconv.Itoa(i)+"-title"); i++ {
		n := "item-" + strconv.Itoa(i)
		p.Content.Items = append(
			p.Content.Items,
			whatsapp.Item{Title: f.Get(n + "-title"), ID: f.Get(n + "-id"), Description: f.Get(n + "-description")},
		)
	}
	for i := 1; i <= maxParts && f.Has("card-"+strconv.Itoa(i)+"-body"); i++ {
		n := "card-" + strconv.Itoa(i)
		p.Content.Cards = append(
			p.Content.Cards,
			whatsapp.Card{
				Title:   f.Get(n + "-title"),
				Body:    f.Text(n + "-body"),
				Media:   f.Get(n + "-media"),
				Actions: readActions(f, n+"-action-"),
			},
		)
	}
	return p
}

// maxParts is how many buttons, items or cards are read from a form; the lint enforces the real limits.
const maxParts = 20

func readActions(f web.Form, prefix string) []whatsapp.Action {
	var out []whatsapp.Action
	for i := 1; i <= maxParts && f.Has(prefix+strconv.Itoa(i)+"-type"); i++ {
		n := prefix + strconv.Itoa(i)
		out = append(
			out,
			whatsapp.Action{
				Type:  f.Get(n + "-type"),
				Title: f.Get(n + "-title"),
				Value: f.Get(n + "-value"),
				ID:    f.Get(n + "-id"),
			},
		)
	}
	return out
}

// checkTemplate answers while the user types: the preview and the findings.
func (h *Handlers) checkTemplate(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	if p.Findings, err = h.lint(c, p); err != nil {
		return err
	}
	if p.Custom, err = people.Read(h.Store).ContactFields(c.Request().Context()); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Checked(p))
}

// editParts answers when the type changes, or a button, an item or a card is added or removed. Nothing is stored.
func (h *Handlers) editParts(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	p.Content = rearranged(p.Content, c.QueryParam("do"))
	p.Category = categoryFor(p.Content.Type, p.Category)
	if err := h.fixedName(c, &p); err != nil {
		return err
	}
	p.Languages = locale.Languages
	if p.Custom, err = people.Read(h.Store).ContactFields(c.Request().Context()); err != nil {
		return err
	}
	c.Response().Header().Set("HX-Trigger-After-Swap", "draft-changed")
	c.Response().Header().Set("HX-Trigger", "draft-changed")
	return web.Render(c, http.StatusOK, view.Parts(p))
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
func (h *Handlers) fixedName(c echo.Context, p *view.EditorProps) error {
	if p.ID == "" {
		return nil
	}
	v, err := templates.Read(h.Store).VersionByPublicID(c.Request().Context(), p.ID)
	if err != nil {
		return err
	}
	p.TemplateID, p.Number, p.NameFixed = v.Template.PublicID, v.Number, v.Template.FixedAt != nil
	if p.NameFixed {
		p.Name, p.Category, p.Language = v.Template.Name, v.Template.Category, v.Language
	}
	return nil
}

func textOf(p view.EditorProps) approvals.Text {
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
func (h *Handlers) store(c echo.Context, p view.EditorProps) (*templates.TemplateVersion, error) {
	if p.ID == "" {
		return h.Approvals.Create(c.Request().Context(), web.Actor(c), textOf(p))
	}
	opened := approvals.Revision{VersionID: p.ID, Version: p.Version}
	return h.Approvals.Save(c.Request().Context(), web.Actor(c), opened, textOf(p))
}

// saveTemplate handles the editor's form: it stores the draft, and continues with the action of the pressed button.
func (h *Handlers) saveTemplate(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := editorOf(f)
	do := f.Get("do")
	if do != "submit" && do != "save" && do != "" { // without script: a button that changes the form
		p.Content = rearranged(p.Content, do)
		p.Category = categoryFor(p.Content.Type, p.Category)
		if err := h.fixedName(c, &p); err != nil {
			return err
		}
		return h.editor(c, p, 0)
	}
	v, err := h.store(c, p)
	if err == nil {
		if do != "submit" {
			return web.Done(c, "/templates/"+v.Template.PublicID, "The draft was saved.")
		}
		p = editorFor(v)
		err = h.Approvals.Submit(c.Request().Context(), web.Actor(c), approvals.RevisionOf(v), f.Get("confirmed") != "")
	}
	if _, _, ok := web.Problems(err); ok {
		return h.refusedDraft(c, p, err)
	}
	if err != nil {
		return err
	}
	said := "Submitted. WhatsApp's decision appears here by itself."
	if v.ContentType.SessionOnly() {
		said = "It is made ready for open sessions."
	}
	return web.Done(c, "/templates/"+v.Template.PublicID, said)
}

// refusedDraft shows the editor again, with the reason why the draft was refused.
func (h *Handlers) refusedDraft(c echo.Context, p view.EditorProps, cause error) error {
	if err := h.fixedName(c, &p); err != nil {
		return err
	}
	problems, status, _ := web.Problems(cause)
	p.Problems = problems
	if cause == approvals.ErrWarnings { //nolint:errorlint // it is returned as it is
		p.AskWarnings, p.Problems = true, nil
	}
	if p.ID != "" {
		v, err := templates.Read(h.Store).VersionByPublicID(c.Request().Context(), p.ID)
		if err != nil {
			return err
		}
		p.Version = v.Version // saving again overwrites deliberately
	}
	return h.editor(c, p, status)
}

func editorFor(v *templates.TemplateVersion) view.EditorProps {
	in := approvals.TextOf(v)
	return view.EditorProps{
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

func (h *Handlers) editVersion(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := templates.Read(h.Store).VersionByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if v.State != whatsapp.Draft {
		return c.Redirect(http.StatusSeeOther, "/templates/"+v.Template.PublicID)
	}
	p := editorFor(v)
	t, err := templates.Read(h.Store).TemplateByPublicID(ctx, v.Template.PublicID)
	if err != nil {
		return err
	}
	for _, o := range t.Versions {
		if o.Language == v.Language && o.Number == v.Number-1 && o.State == whatsapp.Rejected {
			p.RejectionReason = o.RejectionReason
		}
	}
	return h.editor(c, p, 0)
}

func (h *Handlers) discardDraft(c echo.Context) error {
	gone, id, err := h.Approvals.Discard(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	if gone {
		return web.Done(c, "/templates", "The draft was discarded.")
	}
	return web.Done(c, "/templates/"+id, "The draft was discarded.")
}
