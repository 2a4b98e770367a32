package notifications

import (
	"crypto/rand"
	"net/http"
	"slices"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	view "parley/views/notifications"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// choicesPage is how many contacts the picker offers at once.
const choicesPage = 100

// newNotification shows the form, filled with what the query already chooses.
func (e *Editor) newNotification(c echo.Context) error {
	q := web.Query(c)
	p, err := e.notificationForm(c, q)
	if err != nil {
		return err
	}
	switch {
	case q.Get("preview") != "":
		return web.Render(c, http.StatusOK, view.SavedPreview(p))
	case q.Get("choices") != "":
		return web.Render(c, http.StatusOK, view.ChoiceList(p))
	case web.WantsPart(c):
		return web.Render(c, http.StatusOK, view.FormBody(p))
	}
	return e.notificationPage(c, p, 0)
}

func (e *Editor) notificationPage(c echo.Context, p view.FormProps, status int) error {
	return e.Site.Page(c, web.View{Title: "Notification", Area: "notifications", Status: status}, view.Form(p), nil)
}

// notificationForm is the form as typed so far, with all choices.
func (e *Editor) notificationForm(c echo.Context, f web.Form) (view.FormProps, error) {
	ctx, p := c.Request().Context(), typedNotification(f)
	p.Now = e.Store.Now()
	if !f.Has("valid_hours") {
		rules, err := notifications.Read(e.Store).NotifyRules(ctx)
		if err != nil {
			return p, err
		}
		p.ValidHours, p.StopPercent = "24", "25"
		p.QuietFrom, p.QuietTo = web.ClockOf(rules.QuietFrom), web.ClockOf(rules.QuietTo)
	}
	var err error
	if p.Zone, err = e.Site.ShownZone(c, f); err != nil {
		return p, err
	}
	if err := e.storedAudience(c, &p); err != nil {
		return p, err
	}
	if p.AudienceKind == "list" {
		if p.Shown = e.listProps(c, f); p.Shown != nil {
			p.Columns = p.Shown.Others()
		}
	}
	if err := e.notificationChoices(c, &p); err != nil {
		return p, err
	}
	if err := e.pickTemplate(c, &p, f); err != nil {
		return p, err
	}
	err = e.contactChoices(c, &p, f.Get("choices") == "")
	return p, err
}

// typedNotification reads what was typed into the form.
func typedNotification(f web.Form) view.FormProps {
	p := view.FormProps{
		ID:           f.Get("notification"),
		Version:      f.Version(),
		Token:        f.Get("token"),
		Name:         f.Get("name"),
		Query:        plaintext.Cut(f.Get("q"), 100),
		UseCase:      f.Get("use_case"),
		Selected:     f.Values["contact"],
		AudienceKind: f.Get("audience"),
		Segment:      f.Get("segment"),
		ChosenTags:   f.Values["tag"],
		List:         f.Text("list"),
		ListCountry:  f.Get("list_country"),
		Values:       f.Prefixed("value-"),
		Defaults:     f.Prefixed("default-"),
		From:         f.Prefixed("from-"),
		When:         f.Get("when"),
		At:           f.Get("send_at"),
		AtWas:        f.Get("send_at-was"),
		LocalTime:    f.Get("local_time") == "1",
		QuietFrom:    f.Get("quiet_from"),
		QuietTo:      f.Get("quiet_to"),
		Speed:        f.Get("speed"),
		ValidHours:   f.Get("valid_hours"),
		StopPercent:  f.Get("stop_percent"),
		Problems:     map[string]string{},
	}
	if p.Token == "" {
		p.Token = rand.Text()
	}
	if p.AudienceKind == "" {
		p.AudienceKind = "contacts"
	}
	return p
}

// storedAudience reads the list and the segment of the notification that is being edited.
func (e *Editor) storedAudience(c echo.Context, p *view.FormProps) error {
	if p.ID == "" {
		return nil
	}
	n, err := notifications.Read(e.Store).NotificationByPublicID(c.Request().Context(), p.ID)
	if err != nil {
		return err
	}
	if n.Audience.Kind == "list" {
		p.ListRows, p.ListName, p.Columns = n.Audience.Rows, n.Audience.Name, n.Audience.Columns
	}
	return e.keptAudience(c, n, p)
}

// notificationChoices are the senders, segments, tags and fields to choose from.
func (e *Editor) notificationChoices(c echo.Context, p *view.FormProps) (err error) {
	ctx := c.Request().Context()
	if p.Senders, err = senders.Read(e.Store).Senders(ctx); err != nil {
		return err
	}
	if p.Segments, err = segments.Read(e.Store).Segments(ctx, web.User(c).ID); err != nil {
		return err
	}
	if p.Tags, err = people.Read(e.Store).Tags(ctx); err != nil {
		return err
	}
	p.KeepGoneTags()
	p.Fields, err = people.Read(e.Store).ContactFields(ctx)
	return err
}

// contactChoices are the contacts that match what was typed and, if requested, the selected ones as well.
func (e *Editor) contactChoices(c echo.Context, p *view.FormProps, selected bool) error {
	ctx := c.Request().Context()
	page, err := segments.Read(e.Store).
		Contacts(ctx, segments.ContactFilter{Query: p.Query, Limit: choicesPage, Whole: mask.Applies(c)})
	if err != nil {
		return err
	}
	p.Contacts, p.MoreContactsExist = page.Rows, page.Next > 0
	if selected {
		if p.SelectedContacts, err = people.Read(e.Store).ContactsNotIn(ctx, p.Selected, p.Contacts); err != nil {
			return err
		}
	}
	return mask.ReadNumbersOf(ctx, e.Store, p.Contacts, p.SelectedContacts)
}

// pickTemplate finds the sender and the templates that can be sent through it.
func (e *Editor) pickTemplate(c echo.Context, p *view.FormProps, f web.Form) error {
	if err := e.pickSender(c, p, f); err != nil || p.Sender == nil {
		return err
	}
	versions, err := templates.Read(e.Store).ApprovedVersions(c.Request().Context(), p.Sender.Sandbox(), web.User(c).Role)
	if err != nil {
		return err
	}
	p.Templates = templates.GroupTemplates(versions)
	id := f.Get("template")
	i := slices.IndexFunc(p.Templates, func(g templates.TemplateGroup) bool { return id != "" && g.Has(id) })
	if i < 0 {
		return nil
	}
	p.Chosen = &p.Templates[i]
	p.LooksPromotional = promotion(&p.Chosen.Main)
	return nil
}

// pickSender takes the chosen sender, else one that may send the requested template, else the first.
func (e *Editor) pickSender(c echo.Context, p *view.FormProps, f web.Form) error {
	i := slices.IndexFunc(p.Senders, func(s senders.Sender) bool { return s.PublicID == f.Get("sender") })
	if i < 0 && f.Get("template") != "" {
		v, err := templates.Read(e.Store).VersionByPublicID(c.Request().Context(), f.Get("template"))
		if err != nil {
			return err
		}
		i = slices.IndexFunc(p.Senders, func(s senders.Sender) bool {
			return s.Sandbox() == v.Template.Sandbox && s.State == whatsapp.SenderOnline
		})
	}
	if len(p.Senders) > 0 {
		p.Sender = &p.Senders[max(i, 0)]
	}
	return nil
}

// promotion says why a version reads as promotion; empty if it does not.
func promotion(v *templates.TemplateVersion) string {
	findings := lint.Check(lint.Draft{
		Name:     v.Template.Name,
		Category: v.Template.Category,
		Language: v.Language,
		Content:  *v.Whole(),
		Samples:  v.Samples(),
	})
	for _, finding := range findings {
		if finding.Rule == "promotion" {
			return finding.Message
		}
	}
	return ""
}
