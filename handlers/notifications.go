package handlers

import (
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/notifying"
	"parley/services/whatsapp/lint"
	"parley/views/notifications"
)

func (a *App) showNotifications(c echo.Context) error {
	rows, err := a.Store.Notifications(c.Request().Context(), int64Param(c, "before"), 100)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Notifications", area: "notifications", topics: []string{"notifications"}},
		notifications.Page(rows, a.Store.Now()), notifications.List(rows, a.Store.Now()))
}

// recipientsPage is how many recipients a page shows.
const recipientsPage = 100

func (a *App) showNotification(c echo.Context) error {
	ctx := c.Request().Context()
	n, err := a.Store.NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	list, err := a.Store.Recipients(ctx, n.ID, int64Param(c, "after"), recipientsPage+1)
	if err != nil {
		return err
	}
	next := int64(0)
	if len(list) > recipientsPage {
		list = list[:recipientsPage]
		next = list[recipientsPage-1].ID
	}
	one := notifications.One(*n, list, next, a.Store.Now())
	return a.page(c, view{title: n.TemplateName, area: "notifications", topics: []string{"notification-" + n.PublicID}}, one, one)
}

// choicesPage is how many contacts there are to pick from at once.
const choicesPage = 100

// newNotification shows the form, with whatever is chosen so far in the query.
func (a *App) newNotification(c echo.Context) error {
	q := form{c.QueryParams()}
	p, err := a.notificationForm(c, q)
	if err != nil {
		return err
	}
	switch {
	case q.get("preview") != "":
		return render(c, http.StatusOK, notifications.Preview(p))
	case q.get("choices") != "":
		return render(c, http.StatusOK, notifications.ChoiceList(p))
	case wantsPart(c):
		return render(c, http.StatusOK, notifications.FormBody(p))
	}
	return a.notificationPage(c, p, 0)
}

func (a *App) notificationPage(c echo.Context, p notifications.FormProps, status int) error {
	return a.page(c, view{title: "New notification", area: "notifications", status: status}, notifications.Form(p), nil)
}

func (a *App) notificationForm(c echo.Context, f form) (notifications.FormProps, error) {
	ctx := c.Request().Context()
	p := notifications.FormProps{Token: f.get("token"), Query: cut(f.get("q"), 100), UseCase: f.get("use_case"), Selected: f.Values["contact"],
		Values: f.prefixed("value-"), Now: a.Store.Now()}
	if p.Token == "" {
		p.Token = rand.Text()
	}
	var err error
	if p.Senders, err = a.Store.Senders(ctx); err != nil {
		return p, err
	}
	if err := a.pickTemplate(c, &p, f); err != nil {
		return p, err
	}
	page, err := a.Store.Contacts(ctx, models.ContactFilter{Query: p.Query, Limit: choicesPage, Whole: a.masked(c)})
	if err != nil {
		return p, err
	}
	p.Contacts, p.MoreContactsExist = page.Rows, page.Next > 0
	if f.get("choices") == "" {
		p.SelectedContacts, err = a.Store.ContactsNotIn(ctx, p.Selected, p.Contacts)
	}
	return p, err
}

// pickTemplate finds the sender and what can be sent through it. A template that was asked for picks a
// sender that may send it.
func (a *App) pickTemplate(c echo.Context, p *notifications.FormProps, f form) error {
	ctx := c.Request().Context()
	if i := slices.IndexFunc(p.Senders, func(s models.Sender) bool { return s.PublicID == f.get("sender") }); i >= 0 {
		p.Sender = &p.Senders[i]
	}
	if p.Sender == nil && f.get("template") != "" {
		v, err := a.Store.VersionByPublicID(ctx, f.get("template"))
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(p.Senders, func(s models.Sender) bool { return s.Sandbox() == v.Template.Sandbox && s.State == "online" }); i >= 0 {
			p.Sender = &p.Senders[i]
		}
	}
	if p.Sender == nil && len(p.Senders) > 0 {
		p.Sender = &p.Senders[0]
	}
	if p.Sender == nil {
		return nil
	}
	versions, err := a.Store.ApprovedVersions(ctx, p.Sender.Sandbox(), userOf(c).Role)
	if err != nil {
		return err
	}
	p.Templates = models.GroupTemplates(versions)
	if i := slices.IndexFunc(p.Templates, func(g models.TemplateGroup) bool { return f.get("template") != "" && g.Has(f.get("template")) }); i >= 0 {
		p.Chosen = &p.Templates[i]
		v := p.Chosen.Main
		for _, finding := range lint.Check(lint.Draft{Name: v.Template.Name, Category: v.Template.Category, Language: v.Language, Content: *v.Whole(), Samples: v.Samples()}) {
			if finding.Rule == "promotion" && p.LooksPromotional == "" {
				p.LooksPromotional = finding.Message
			}
		}
	}
	return nil
}

func (a *App) sendNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	n, err := a.Notifying.Send(c.Request().Context(), actor(c), notifying.Request{VersionID: f.get("template"), SenderID: f.get("sender"),
		ContactIDs: f.Values["contact"], Values: f.prefixed("value-"), UseCase: f.get("use_case"), Token: f.get("token"), Role: userOf(c).Role})
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.notificationForm(c, f)
		if err != nil {
			return err
		}
		p.Problems = problems
		return a.notificationPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/notifications/"+n.PublicID, "On its way. This page follows each message.")
}

// resumeNotification lets a paused notification go on. What stands in the way is said on its page.
func (a *App) resumeNotification(c echo.Context) error {
	if err := a.Notifying.Resume(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return a.refused(c, err, "/notifications/"+c.Param("id"))
	}
	return a.done(c, "/notifications/"+c.Param("id"), "It goes on.")
}

func (a *App) cancelNotification(c echo.Context) error {
	if err := a.Notifying.Cancel(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return a.done(c, "/notifications/"+c.Param("id"), "Canceled. What had left already can't be called back.")
}
