package handlers

import (
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	notificationviews "parley/views/notifications"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// choicesPage is how many contacts the picker offers at once.
const choicesPage = 100

// newNotification shows the form, filled with what the query already chooses.
func (a *App) newNotification(c echo.Context) error {
	q := form{c.QueryParams()}
	p, err := a.notificationForm(c, q)
	if err != nil {
		return err
	}
	switch {
	case q.get("preview") != "":
		return render(c, http.StatusOK, notificationviews.SavedPreview(p))
	case q.get("choices") != "":
		return render(c, http.StatusOK, notificationviews.ChoiceList(p))
	case wantsPart(c):
		return render(c, http.StatusOK, notificationviews.FormBody(p))
	}
	return a.notificationPage(c, p, 0)
}

func (a *App) notificationPage(c echo.Context, p notificationviews.FormProps, status int) error {
	return a.page(c, view{title: "Notification", area: "notifications", status: status}, notificationviews.Form(p), nil)
}

// notificationForm is the form as typed so far, with all choices.
func (a *App) notificationForm(c echo.Context, f form) (notificationviews.FormProps, error) {
	ctx, p := c.Request().Context(), typedNotification(f)
	p.Now = a.Store.Now()
	if !f.has("valid_hours") {
		rules, err := notifications.Read(a.Store).NotifyRules(ctx)
		if err != nil {
			return p, err
		}
		p.ValidHours, p.StopPercent = "24", "25"
		p.QuietFrom, p.QuietTo = clockOf(rules.QuietFrom), clockOf(rules.QuietTo)
	}
	var err error
	if p.Zone, err = a.shownZone(c, f); err != nil {
		return p, err
	}
	if err := a.storedAudience(c, &p); err != nil {
		return p, err
	}
	if p.AudienceKind == "list" {
		if p.Shown = a.listProps(c, f); p.Shown != nil {
			p.Columns = p.Shown.Others()
		}
	}
	if err := a.notificationChoices(c, &p); err != nil {
		return p, err
	}
	if err := a.pickTemplate(c, &p, f); err != nil {
		return p, err
	}
	err = a.contactChoices(c, &p, f.get("choices") == "")
	return p, err
}

// typedNotification reads what was typed into the form.
func typedNotification(f form) notificationviews.FormProps {
	p := notificationviews.FormProps{
		ID:           f.get("notification"),
		Version:      f.version(),
		Token:        f.get("token"),
		Name:         f.get("name"),
		Query:        cut(f.get("q"), 100),
		UseCase:      f.get("use_case"),
		Selected:     f.Values["contact"],
		AudienceKind: f.get("audience"),
		Segment:      f.get("segment"),
		ChosenTags:   f.Values["tag"],
		List:         f.text("list"),
		ListCountry:  f.get("list_country"),
		Values:       f.prefixed("value-"),
		Defaults:     f.prefixed("default-"),
		From:         f.prefixed("from-"),
		When:         f.get("when"),
		At:           f.get("send_at"),
		AtWas:        f.get("send_at-was"),
		LocalTime:    f.get("local_time") == "1",
		QuietFrom:    f.get("quiet_from"),
		QuietTo:      f.get("quiet_to"),
		Speed:        f.get("speed"),
		ValidHours:   f.get("valid_hours"),
		StopPercent:  f.get("stop_percent"),
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
func (a *App) storedAudience(c echo.Context, p *notificationviews.FormProps) error {
	if p.ID == "" {
		return nil
	}
	n, err := notifications.Read(a.Store).NotificationByPublicID(c.Request().Context(), p.ID)
	if err != nil {
		return err
	}
	if n.Audience.Kind == "list" {
		p.ListRows, p.ListName, p.Columns = n.Audience.Rows, n.Audience.Name, n.Audience.Columns
	}
	return a.keptAudience(c, n, p)
}

// notificationChoices are the senders, segments, tags and fields to choose from.
func (a *App) notificationChoices(c echo.Context, p *notificationviews.FormProps) (err error) {
	ctx := c.Request().Context()
	if p.Senders, err = senders.Read(a.Store).Senders(ctx); err != nil {
		return err
	}
	if p.Segments, err = segments.Read(a.Store).Segments(ctx, userOf(c).ID); err != nil {
		return err
	}
	if p.Tags, err = people.Read(a.Store).Tags(ctx); err != nil {
		return err
	}
	p.KeepGoneTags()
	p.Fields, err = people.Read(a.Store).ContactFields(ctx)
	return err
}

// contactChoices are the contacts that match what was typed and, if requested, the selected ones as well.
func (a *App) contactChoices(c echo.Context, p *notificationviews.FormProps, selected bool) error {
	ctx := c.Request().Context()
	page, err := segments.Read(a.Store).
		Contacts(ctx, segments.ContactFilter{Query: p.Query, Limit: choicesPage, Whole: a.masked(c)})
	if err != nil {
		return err
	}
	p.Contacts, p.MoreContactsExist = page.Rows, page.Next > 0
	if selected {
		if p.SelectedContacts, err = people.Read(a.Store).ContactsNotIn(ctx, p.Selected, p.Contacts); err != nil {
			return err
		}
	}
	return a.knowAll(ctx, p.Contacts, p.SelectedContacts)
}

// pickTemplate finds the sender and the templates that can be sent through it.
func (a *App) pickTemplate(c echo.Context, p *notificationviews.FormProps, f form) error {
	if err := a.pickSender(c, p, f); err != nil || p.Sender == nil {
		return err
	}
	versions, err := templates.Read(a.Store).ApprovedVersions(c.Request().Context(), p.Sender.Sandbox(), userOf(c).Role)
	if err != nil {
		return err
	}
	p.Templates = templates.GroupTemplates(versions)
	id := f.get("template")
	i := slices.IndexFunc(p.Templates, func(g templates.TemplateGroup) bool { return id != "" && g.Has(id) })
	if i < 0 {
		return nil
	}
	p.Chosen = &p.Templates[i]
	p.LooksPromotional = promotion(&p.Chosen.Main)
	return nil
}

// pickSender takes the chosen sender, else one that may send the requested template, else the first.
func (a *App) pickSender(c echo.Context, p *notificationviews.FormProps, f form) error {
	i := slices.IndexFunc(p.Senders, func(s senders.Sender) bool { return s.PublicID == f.get("sender") })
	if i < 0 && f.get("template") != "" {
		v, err := templates.Read(a.Store).VersionByPublicID(c.Request().Context(), f.get("template"))
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
