package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/notifying"
	"parley/services/spreadsheet"
	"parley/views/components"
	"parley/views/notifications"
	"parley/whatsapp"
)

func (a *App) showNotifications(c echo.Context) error {
	before := int64Param(c, "before")
	rows, err := a.Store.Notifications(c.Request().Context(), before, 100)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Notifications", area: "notifications", topics: []string{"notifications"}},
		notifications.Page(rows, before, a.Store.Now()), notifications.List(rows, before, a.Store.Now()))
}

// recipientsPage is how many recipients a page shows.
const recipientsPage = 100

// recipientFilter reads which recipients are asked for, and what of it there is not.
func recipientFilter(c echo.Context) (models.RecipientFilter, []components.Gone) {
	f := models.RecipientFilter{
		State:  c.QueryParam("state"),
		Reason: c.QueryParam("reason"),
		After:  int64Param(c, "after"),
		Limit:  recipientsPage + 1,
	}
	var unknown []components.Gone
	if code := c.QueryParam("code"); code != "" {
		n, err := strconv.Atoi(code)
		f.Code = &n
		if err != nil || f.State != "" && f.State != "failed" {
			unknown = append(unknown, gone(c, "code", "No such code"))
		}
		if f.State == "" {
			f.State = "failed"
		}
	}
	if f.Reason != "" {
		if !notifications.KnownReason(f.Reason) || f.State != "" && f.State != "excluded" {
			unknown = append(unknown, gone(c, "reason", "No such reason"))
		}
		if f.State == "" {
			f.State = "excluded"
		}
	}
	if !notifications.KnownFilter(f.State) {
		unknown = append(unknown, gone(c, "state", "No such state"))
	}
	f.Nothing = len(unknown) > 0
	return f, unknown
}

func (a *App) showNotification(c echo.Context) error {
	return a.notificationDetail(c, nil, 0)
}

// notificationDetail is a notification's page, with what was refused on it.
func (a *App) notificationDetail(c echo.Context, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	n, err := a.Store.NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	u := userOf(c)
	p := notifications.DetailProps{Row: *n, MaySend: u.Role.Can(models.Operator), Problems: problems, Now: a.Store.Now()}
	if p.Zone, err = a.zone(c); err != nil {
		return err
	}
	p.Filter, p.Gone = recipientFilter(c)
	p.Address = url.Values{}
	for _, name := range filterNames["notification"] {
		if v := c.QueryParam(name); v != "" {
			p.Address.Set(name, v)
		}
	}
	if c.Request().Method == http.MethodPost {
		f, err := readForm(c)
		if err != nil {
			return err
		}
		p.Typed = f.Values
		if p.Zone, err = a.shownZone(c, f); err != nil {
			return err
		}
	}
	if p.Audience, p.AudienceNote, err = a.audienceNow(c, n); err != nil {
		return err
	}
	if p.Recipients, err = a.Store.Recipients(ctx, n.ID, p.Filter); err != nil {
		return err
	}
	if len(p.Recipients) > recipientsPage {
		p.Recipients = p.Recipients[:recipientsPage]
		p.Next = p.Recipients[recipientsPage-1].ID
	}
	if err := a.knowRecipients(ctx, p.Recipients); err != nil {
		return err
	}
	if err := errors.Join(a.progressOf(c, &p), a.approval(c, &p)); err != nil {
		return err
	}
	if p.Schedule, err = a.Store.ScheduleOf(ctx, n.ID); err != nil {
		return err
	}
	if n.BasedOn != nil {
		if p.BasedOn, err = a.Store.NotificationByID(ctx, *n.BasedOn); err != nil {
			return err
		}
	}
	one := notifications.Detail(p)
	return a.page(c, view{title: n.Name, area: "notifications", topics: []string{n.Topic()}, status: status}, one, one)
}

// progressOf is the dry run before a notification leaves, and afterwards what failed and what is not known.
func (a *App) progressOf(c echo.Context, p *notifications.DetailProps) error {
	ctx, n := c.Request().Context(), &p.Row
	switch n.State {
	case models.NotificationChecked, models.NotificationAwaiting, models.NotificationScheduled:
		e, err := a.Notifying.Estimate(ctx, &n.Notification)
		if err != nil {
			return err
		}
		p.Estimate = &notifications.Estimate{
			Duration: e.Duration,
			Headroom: e.Headroom,
			Days:     e.Days,
			Cost:     money(e.Cost, e.Currency),
			PricesOf: e.PricesOf,
		}
		people := make([]*models.Contact, len(e.Previews))
		for i := range e.Previews {
			people[i] = &e.Previews[i].Contact
		}
		if err := a.knowNumbers(ctx, people...); err != nil {
			return err
		}
		for _, v := range e.Previews {
			p.Estimate.Previews = append(p.Estimate.Previews, notifications.Preview{
				Contact:  v.Contact,
				Language: v.Language,
				Content:  v.Version.Filled(maskValues(ctx, &v.Contact, v.Values)),
				At:       v.At,
			})
		}
		return nil
	case models.NotificationChecking, models.NotificationPreparing:
		return nil
	case models.NotificationRunning,
		models.NotificationPaused,
		models.NotificationCanceled,
		models.NotificationFinished,
		models.NotificationExpired: // it has begun, or ended
	}
	p.Left = max(0, n.Allowed-n.Queued)
	if n.State == models.NotificationCanceled {
		p.Left = 0
	}
	list, err := a.Store.NotificationFailures(ctx, n.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		p.Failures = append(
			p.Failures,
			notifications.Failure{FailureCount: f, Advice: whatsapp.Explain(f.ErrorCode, f.Reason)},
		)
	}
	p.Doubt, p.Unknown, err = a.Store.UnsettledOf(ctx, n.SenderID, n.ID)
	return err
}

// approval is whether a notification that waits still needs a second person, and who may be the one.
func (a *App) approval(c echo.Context, p *notifications.DetailProps) error {
	if p.Row.State != models.NotificationAwaiting {
		return nil
	}
	rules, err := a.Store.NotifyRules(c.Request().Context())
	if err != nil {
		return err
	}
	p.NeedsApproval = notifying.NeedsApproval(rules, &p.Row.Notification)
	p.Approvers, err = a.Store.Approvers(c.Request().Context(), &p.Row.Notification)
	me := userOf(c).ID
	p.MayApprove = slices.ContainsFunc(p.Approvers, func(u models.User) bool { return u.ID == me })
	return err
}

func money(amount float64, currency string) string {
	if amount > 0 && amount < 1 {
		return fmt.Sprintf("%s %.4f", currency, amount)
	}
	return fmt.Sprintf("%s %.2f", currency, amount)
}

// actOn does one thing with a notification; what stands in the way is said on its page.
func (a *App) actOn(c echo.Context, err error, said string) error {
	if problems, status, ok := problemsOf(err); ok {
		return a.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/notifications/"+c.Param("id"), said)
}

func (a *App) startNotification(c echo.Context) error {
	err := a.Notifying.Start(c.Request().Context(), actor(c), c.Param("id"))
	if err == nil {
		if n, err := a.Store.NotificationByPublicID(
			c.Request().Context(),
			c.Param("id"),
		); err == nil &&
			n.State == models.NotificationAwaiting {
			return a.done(c, "/notifications/"+c.Param("id"), needsSecond)
		}
	}
	return a.actOn(c, err, "On its way. This page follows each message.")
}

// needsSecond is said where a notification was started that waits for approval now.
const needsSecond = "It goes to more people than one may decide about: a second person has to approve it."

func (a *App) approveNotification(c echo.Context) error {
	return a.actOn(c, a.Notifying.Approve(c.Request().Context(), actor(c), c.Param("id")), "Approved: it is on its way.")
}

func (a *App) pauseNotification(c echo.Context) error {
	return a.actOn(
		c,
		a.Notifying.Pause(c.Request().Context(), actor(c), c.Param("id")),
		"Paused. What was being sent in this moment still leaves.",
	)
}

func (a *App) resumeNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	t, err := a.newTimeOf(c, f)
	if err == nil {
		err = a.Notifying.Resume(c.Request().Context(), actor(c), c.Param("id"), t)
	}
	if err == nil {
		if n, err := a.Store.NotificationByPublicID(
			c.Request().Context(),
			c.Param("id"),
		); err == nil &&
			n.State == models.NotificationAwaiting {
			return a.done(c, "/notifications/"+n.PublicID, needsSecond)
		}
	}
	return a.actOn(c, err, "It goes on.")
}

// newTimeOf reads when a notification goes on whose validity has ended, nil if the form says nothing about it.
func (a *App) newTimeOf(c echo.Context, f form) (*notifying.NewTime, error) {
	if !f.has("when") && !f.has("resume_at") {
		return nil, nil
	}
	zone, err := a.zoneIn(c, f)
	if err != nil {
		return nil, err
	}
	t := &notifying.NewTime{}
	if t.ValidHours, err = strconv.Atoi(f.get("valid_hours")); err != nil {
		err = models.Invalid("valid_hours", "Write a whole number.")
	}
	if f.get("when") == "now" {
		return t, err
	}
	at, problem := f.moment("resume_at", zone)
	t.SendAt = &at
	return t, errors.Join(err, problem)
}

func (a *App) cancelNotification(c echo.Context) error {
	return a.actOn(
		c,
		a.Notifying.Cancel(c.Request().Context(), actor(c), c.Param("id")),
		"Canceled. What had left already can't be called back.",
	)
}

func (a *App) testNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	conversation, err := a.Notifying.Test(
		c.Request().Context(),
		actor(c),
		userOf(c).Role,
		a.Messaging,
		c.Param("id"),
		f.get("phone"),
	)
	if problems, status, ok := problemsOf(err); ok {
		return a.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/inbox/"+conversation, "The test is on its way.")
}

func (a *App) resend(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	n, err := a.Notifying.Resend(c.Request().Context(), actor(c), c.Param("id"), f.get("who"))
	if problems, status, ok := problemsOf(err); ok {
		return a.notificationDetail(c, map[string]string{"": problems[""] + problems["who"]}, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/notifications/"+n.PublicID, "A new notification was made. Look at its dry run, then send it.")
}

func (a *App) repeatNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("stop") != "" {
		return a.actOn(
			c,
			a.Notifying.StopRepeating(c.Request().Context(), actor(c), c.Param("id")),
			"It is not repeated any more.",
		)
	}
	r, err := rhythmOf(f)
	if zone, zerr := a.zoneIn(c, f); zerr == nil {
		r.Zone = zone.String()
	}
	if err == nil {
		err = a.Notifying.Repeat(c.Request().Context(), actor(c), c.Param("id"), r)
	}
	return a.actOn(c, err, "It is repeated from now on.")
}

// rhythmOf reads on which days of the week, or, where the form has dates, on which days of the month.
func rhythmOf(f form) (models.Recurrence, error) {
	r := models.Recurrence{Weeks: 1, Zone: f.get("zone")}
	for _, d := range f.Values["day"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < 7 {
			r.Days |= 1 << n
		}
	}
	if f.get("weeks") != "" {
		r.Weeks, _ = strconv.Atoi(f.get("weeks")) // 0 is refused
	}
	if f.Has("dates") {
		var err error
		if r.Dates, err = datesOf(f.get("dates")); err != nil {
			return r, err
		}
	}
	minute, err := minuteOf(f, "at")
	if err == nil && minute == nil {
		err = models.Invalid("at", "Write the time as 09:30.")
	}
	if err == nil {
		r.Minute = *minute
	}
	return r, err
}

// datesOf reads days of the month as people write them: 1, 15th and last.
func datesOf(text string) (dates int64, err error) {
	words := strings.FieldsFunc(
		strings.ToLower(text),
		func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) },
	)
	for _, w := range words {
		if w == "and" || w == "day" || w == "the" {
			continue
		}
		if w == "last" {
			dates |= models.LastDay
			continue
		}
		n, err := strconv.Atoi(strings.TrimRight(w, "stndrh."))
		if err != nil || n < 1 || n > 31 {
			return 0, models.Invalid("dates", "“"+cut(w, 20)+"” is no day of the month: write numbers from 1 to 31, or last.")
		}
		dates |= 1 << n
	}
	if dates == 0 {
		return 0, models.Invalid("dates", "Write at least one day of the month, for example 1, 15 or last.")
	}
	return dates, nil
}

// decideMessage settles a message in doubt by a person's word.
func (a *App) decideMessage(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	back := localPath(f.get("back"))
	if err := a.Messaging.Decide(c.Request().Context(), actor(c), c.Param("id"), f.get("do")); err != nil {
		return a.refused(c, err, back)
	}
	return a.done(c, back, "Settled.")
}

// csvPart is how many rows of an export are read at once.
const csvPart = 2000

// exportRecipients is a notification's recipients as a CSV file, as far as the filter lets them through.
func (a *App) exportRecipients(c echo.Context) error {
	ctx := c.Request().Context()
	n, err := a.Store.NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	f, _ := recipientFilter(c)
	f.Limit, f.After = csvPart, 0
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set("Content-Disposition", disposition("notification-"+n.PublicID+".csv"))
	w := spreadsheet.NewWriter(c.Response())
	err = w.Row("name", "number", "state", "left out because", "error", "meaning", "sent", "delivered", "read", "replied",
		"failed", "line in the list")
	if err != nil {
		return err
	}
	for {
		rows, err := a.Store.Recipients(ctx, n.ID, f)
		if err == nil {
			err = a.knowRecipients(ctx, rows)
		}
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.Row(recipientLine(ctx, n.Audience, r)...); err != nil {
				return err
			}
		}
		if len(rows) < csvPart {
			break
		}
		f.After = rows[len(rows)-1].ID
	}
	return w.Close()
}

func recipientLine(ctx context.Context, audience models.Audience, r models.RecipientRow) []string {
	phone, name := r.Phone, r.Name
	if phone == "" {
		phone = r.Address
	}
	if name == "" {
		name = r.ProfileName
	}
	name = components.Named(ctx, r.Who(), name)
	if components.Masked(ctx) {
		phone = whatsapp.MaskPhone(phone)
	}
	why, code, meaning := "", "", ""
	if r.Excluded != "" {
		why = notifications.ExclusionText(r.Excluded)
	}
	if bad := notifications.BadNumber(audience, r); bad != "" {
		why = bad
	}
	line := ""
	if r.Line > 0 {
		line = strconv.Itoa(r.Line)
	}
	if r.ErrorCode != 0 || r.ErrorMessage != "" {
		meaning = components.Said(ctx, whatsapp.Explain(r.ErrorCode, r.ErrorMessage).Meaning)
	}
	if r.ErrorCode != 0 {
		code = strconv.Itoa(r.ErrorCode)
	}
	return []string{
		name,
		phone,
		r.Status,
		why,
		code,
		meaning,
		stamp(r.SentAt),
		stamp(r.DeliveredAt),
		stamp(r.ReadAt),
		stamp(r.RepliedAt),
		stamp(r.FailedAt),
		line,
	}
}
