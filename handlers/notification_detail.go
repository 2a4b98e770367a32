package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/notifying"
	"parley/views/notifications"
	"parley/whatsapp"
)

func (a *App) showNotification(c echo.Context) error {
	return a.notificationDetail(c, nil, 0)
}

// notificationDetail is a notification's page, with a refusal if there was one.
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
	if err := a.readRecipients(ctx, &p); err != nil {
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

// readRecipients reads a page of a notification's recipients.
func (a *App) readRecipients(ctx context.Context, p *notifications.DetailProps) (err error) {
	if p.Recipients, err = a.Store.Recipients(ctx, p.Row.ID, p.Filter); err != nil {
		return err
	}
	if len(p.Recipients) > recipientsPage {
		p.Recipients = p.Recipients[:recipientsPage]
		p.Next = p.Recipients[recipientsPage-1].ID
	}
	return a.knowRecipients(ctx, p.Recipients)
}

// progressOf is the dry run before a notification is sent, and afterwards the failures and the messages with unknown
// outcome.
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
		models.NotificationExpired: // it has started, or ended
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

// approval is whether a waiting notification still needs a second person, and who may approve it.
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
