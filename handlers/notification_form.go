package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/notifying"
	"parley/views/notifications"
	"parley/whatsapp/lint"
)

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
		return render(c, http.StatusOK, notifications.SavedPreview(p))
	case q.get("choices") != "":
		return render(c, http.StatusOK, notifications.ChoiceList(p))
	case wantsPart(c):
		return render(c, http.StatusOK, notifications.FormBody(p))
	}
	return a.notificationPage(c, p, 0)
}

func (a *App) notificationPage(c echo.Context, p notifications.FormProps, status int) error {
	return a.page(c, view{title: "Notification", area: "notifications", status: status}, notifications.Form(p), nil)
}

func (a *App) notificationForm(c echo.Context, f form) (notifications.FormProps, error) {
	ctx, u := c.Request().Context(), userOf(c)
	p := notifications.FormProps{
		ID:       f.get("notification"),
		Version:  f.version(),
		Token:    f.get("token"),
		Name:     f.get("name"),
		Query:    cut(f.get("q"), 100),
		UseCase:  f.get("use_case"),
		Selected: f.Values["contact"],
		AudienceKind: f.get(
			"audience",
		),
		Segment:    f.get("segment"),
		ChosenTags: f.Values["tag"],
		List:       f.text("list"),
		Values:     f.prefixed("value-"),
		Defaults:   f.prefixed("default-"),
		From:       f.prefixed("from-"),
		When: f.get(
			"when",
		),
		At:          f.get("send_at"),
		LocalTime:   f.get("local_time") == "1",
		QuietFrom:   f.get("quiet_from"),
		QuietTo:     f.get("quiet_to"),
		Speed:       f.get("speed"),
		ValidHours:  f.get("valid_hours"),
		StopPercent: f.get("stop_percent"),
		Problems:    map[string]string{},
		Now:         a.Store.Now(),
		AtWas:       f.get("send_at-was"),
	}
	if p.Token == "" {
		p.Token = rand.Text()
	}
	if !f.has("valid_hours") {
		rules, err := a.Store.NotifyRules(ctx)
		if err != nil {
			return p, err
		}
		p.ValidHours, p.StopPercent, p.QuietFrom, p.QuietTo = "24", "25", clockOf(rules.QuietFrom), clockOf(rules.QuietTo)
	}
	if p.AudienceKind == "" {
		p.AudienceKind = "contacts"
	}
	var err error
	if p.Zone, err = a.shownZone(c, f); err != nil {
		return p, err
	}
	if p.ID != "" {
		n, err := a.Store.NotificationByPublicID(ctx, p.ID)
		if err != nil {
			return p, err
		}
		if n.Audience.Kind == "list" {
			p.ListRows, p.ListName, p.Columns = n.Audience.Rows, n.Audience.Name, n.Audience.Columns
		}
		if err := a.keptAudience(c, n, &p); err != nil {
			return p, err
		}
	}
	p.ListCountry = f.get("list_country")
	if p.AudienceKind == "list" {
		if p.Shown = a.listProps(c, f); p.Shown != nil {
			p.Columns = p.Shown.Others()
		}
	}
	if p.Senders, err = a.Store.Senders(ctx); err != nil {
		return p, err
	}
	if p.Segments, err = a.Store.Segments(ctx, u.ID); err != nil {
		return p, err
	}
	if p.Tags, err = a.Store.Tags(ctx); err != nil {
		return p, err
	}
	p.KeepGoneTags()
	if p.Fields, err = a.Store.ContactFields(ctx); err != nil {
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
		if p.SelectedContacts, err = a.Store.ContactsNotIn(ctx, p.Selected, p.Contacts); err != nil {
			return p, err
		}
	}
	return p, a.knowAll(ctx, p.Contacts, p.SelectedContacts)
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
		if i := slices.IndexFunc(
			p.Senders,
			func(s models.Sender) bool { return s.Sandbox() == v.Template.Sandbox && s.State == "online" },
		); i >= 0 {
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
	if i := slices.IndexFunc(
		p.Templates,
		func(g models.TemplateGroup) bool { return f.get("template") != "" && g.Has(f.get("template")) },
	); i >= 0 {
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

// minuteOf reads a time of day as minutes after midnight, nil if it is empty.
func minuteOf(f form, field string) (*int, error) {
	text := f.get(field)
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return nil, models.Invalid(field, "Write the time as 09:30.")
	}
	m := t.Hour()*60 + t.Minute()
	return &m, nil
}

func floatOf(f form, field, problem string) (float64, error) {
	if f.get(field) == "" {
		return 0, nil
	}
	n, err := models.ParseNumber(f.get(field))
	if err != nil {
		return 0, models.Invalid(field, problem)
	}
	return n, nil
}

// requestOf reads what the form asks for. Refusals name the field.
func (a *App) requestOf(c echo.Context, f form) (notifying.Request, error) {
	r := notifying.Request{
		Name:        f.get("name"),
		VersionID:   f.get("template"),
		SenderID:    f.get("sender"),
		UseCase:     f.get("use_case"),
		Token:       f.get("token"),
		Role:        userOf(c).Role,
		LocalTime:   f.get("local_time") == "1",
		Fills:       models.Fills{},
		ValidHours:  24,
		StopPercent: 25,
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	if f.get("when") == "later" {
		zone, zerr := a.zoneIn(c, f)
		if r.LocalTime || zerr != nil {
			zone = time.UTC
		}
		at, perr := f.moment("send_at", zone)
		note(errors.Join(zerr, perr))
		r.SendAt = &at
	}
	r.QuietFrom, err = minuteOf(f, "quiet_from")
	note(err)
	r.QuietTo, err = minuteOf(f, "quiet_to")
	note(err)
	r.Speed, err = floatOf(f, "speed", "Write messages a second, such as 5 or 0.5, or leave it empty.")
	note(err)
	for field, into := range map[string]*int{"valid_hours": &r.ValidHours, "stop_percent": &r.StopPercent} {
		if f.get(field) == "" {
			continue
		}
		if *into, err = strconv.Atoi(f.get(field)); err != nil {
			note(models.Invalid(field, "Write a whole number."))
		}
	}
	defaults, from := f.prefixed("default-"), f.prefixed("from-")
	for n, v := range f.prefixed("value-") {
		fill := models.Fill{From: "fixed", Value: v, Default: defaults[n]}
		if key, ok := strings.CutPrefix(from[n], "field:"); ok {
			fill.From, fill.Value = "field", key
		} else if from[n] == "column" {
			fill.From = "column"
		}
		r.Fills[n] = fill
	}
	note(a.audienceOf(c, f, &r))
	return r, errors.Join(errs...)
}

// audienceOf reads whom the form means.
func (a *App) audienceOf(c echo.Context, f form, r *notifying.Request) error {
	switch f.get("audience") {
	case "filter":
		var err error
		r.Audience, err = a.filterAudience(c, f)
		return err
	case "list":
		return a.listOf(c, f, r)
	default:
		r.Audience = models.Audience{Kind: "contacts", Contacts: f.Values["contact"]}
		return nil
	}
}

func requestedNotification(c echo.Context, f form) string {
	if id := c.Param("id"); id != "" {
		return id
	}
	return f.get("notification")
}

// saveNotification writes a notification and has its dry run made. A few contacts who were picked by hand can be sent
// to at once: the same checks, without the page between.
func (a *App) saveNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("id")
	r, err := a.requestOf(c, f)
	var n *models.Notification
	r.ID, r.Version = id, f.version()
	if err == nil {
		n, err = a.Notifying.Save(ctx, actor(c), r)
	}
	said := "Checked. Look who gets it, then send it."
	if err == nil && (n.State == models.NotificationAwaiting || n.State == models.NotificationScheduled) {
		said = "Nothing was changed."
	}
	if err == nil && f.get("do") == "send" && r.Audience.Kind == "contacts" && id == "" {
		said, err = a.sendPicked(c, n)
	}
	if problems, status, ok := problemsOf(err); ok {
		f.Set("notification", id)
		p, err := a.notificationForm(c, f)
		if err != nil {
			return err
		}
		maps.Copy(p.Problems, problems)
		if id != "" {
			if now, err := a.Store.NotificationByPublicID(ctx, id); err == nil {
				p.Version = now.Version // saving once more overwrites knowingly
			}
		}
		return a.notificationPage(c, p, status)
	}
	if err != nil {
		return err
	}
	if id := f.get("list_kept"); id != "" {
		if err := a.Store.DeleteList(ctx, userOf(c).ID, id); err != nil {
			return err
		}
	}
	return a.done(c, "/notifications/"+n.PublicID, said)
}

// sendPicked sends to contacts who were picked by hand, and says what came of it.
func (a *App) sendPicked(c echo.Context, n *models.Notification) (said string, err error) {
	if err := a.Notifying.SendPicked(c.Request().Context(), actor(c), n); err != nil {
		return "", err
	}
	now, err := a.Store.NotificationByPublicID(c.Request().Context(), n.PublicID)
	if err == nil && now.State == models.NotificationAwaiting {
		return needsSecond, nil
	}
	return "On its way. This page follows each message.", err
}

// editNotification shows the form with what a notification holds.
func (a *App) editNotification(c echo.Context) error {
	ctx := c.Request().Context()
	n, err := a.Store.NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if !n.Editable() {
		return c.Redirect(http.StatusSeeOther, "/notifications/"+n.PublicID)
	}
	f := form{
		map[string][]string{
			"notification": {n.PublicID},
			"version":      {strconv.Itoa(n.Version)},
			"token":        {n.Token},
			"name":         {n.Name},
			"sender":       {n.SenderPublicID},
			"template":     {n.VersionPublicID},
			"use_case":     {n.UseCase},
			"audience":     {n.Audience.Kind},
			"contact":      n.Audience.Contacts,
			"valid_hours":  {strconv.Itoa(n.ValidHours)},
			"stop_percent": {strconv.Itoa(n.StopPercent)},
		},
	}
	for number, x := range n.Fills {
		f.Set("value-"+number, x.Value)
		f.Set("default-"+number, x.Default)
		f.Set("from-"+number, x.From)
		if x.From == "field" {
			f.Set("from-"+number, "field:"+x.Value)
			f.Set("value-"+number, "")
		}
	}
	f.Set("list_country", n.Audience.Country)
	if err := a.setTime(c, f, n); err != nil {
		return err
	}
	if n.QuietFrom != nil && n.QuietTo != nil {
		f.Set("quiet_from", fmt.Sprintf("%02d:%02d", *n.QuietFrom/60, *n.QuietFrom%60))
		f.Set("quiet_to", fmt.Sprintf("%02d:%02d", *n.QuietTo/60, *n.QuietTo%60))
	}
	if n.Speed > 0 {
		f.Set("speed", strconv.FormatFloat(n.Speed, 'g', -1, 64))
	}
	if err := a.fillAudience(c, f, n); err != nil {
		return err
	}
	p, err := a.notificationForm(c, f)
	if err != nil {
		return err
	}
	return a.notificationPage(c, p, 0)
}

// setTime puts a notification's hour into a form: in the reader's zone, or as the clock of each contact.
func (a *App) setTime(c echo.Context, f form, n *models.NotificationRow) error {
	zone, err := a.zone(c)
	if err != nil {
		return err
	}
	f.Set("zone", zone.String())
	if n.LocalTime {
		f.Set("local_time", "1")
		zone = time.UTC
	}
	if n.SendAt != nil {
		f.Set("when", "later")
		f.Set("send_at", models.ShowLocal(*n.SendAt, zone))
		f.Set("send_at-was", n.SendAt.UTC().Format(time.RFC3339Nano))
	}
	return nil
}
