package notifications

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	"parley/models/people"
	"parley/services/notifying"
	view "parley/views/notifications"
	"parley/whatsapp"
)

func (h *Handlers) showNotification(c echo.Context) error {
	return h.notificationDetail(c, nil, 0)
}

// notificationDetail is a notification's page, with a refusal if there was one.
func (h *Handlers) notificationDetail(c echo.Context, problems map[string]string, status int) error {
	ctx := c.Request().Context()
	n, err := notifications.Read(h.Store).NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	u := web.User(c)
	p := view.DetailProps{
		Row:      *n,
		MaySend:  u.Role.Can(models.Operator),
		Problems: problems,
		Now:      h.Store.Now(),
	}
	if p.Zone, err = h.Site.Zone(c); err != nil {
		return err
	}
	p.Filter, p.Gone = recipientFilter(c)
	p.Address = url.Values{}
	filters, _ := web.FilterNames("notification")
	for _, name := range filters {
		if v := c.QueryParam(name); v != "" {
			p.Address.Set(name, v)
		}
	}
	if c.Request().Method == http.MethodPost {
		f, err := web.ReadForm(c)
		if err != nil {
			return err
		}
		p.Typed = f.Values
		if p.Zone, err = h.Site.ShownZone(c, f); err != nil {
			return err
		}
	}
	if p.Audience, p.AudienceNote, err = h.audienceNow(c, n); err != nil {
		return err
	}
	if err := h.readRecipients(ctx, &p); err != nil {
		return err
	}
	if err := errors.Join(h.progressOf(c, &p), h.approval(c, &p)); err != nil {
		return err
	}
	if p.Schedule, err = notifications.Read(h.Store).ScheduleOf(ctx, n.ID); err != nil {
		return err
	}
	if n.BasedOn != nil {
		if p.BasedOn, err = notifications.Read(h.Store).NotificationByID(ctx, *n.BasedOn); err != nil {
			return err
		}
	}
	one := view.Detail(p)
	return h.Site.Page(
		c,
		web.View{Title: n.Name, Area: "notifications", Topics: []string{n.Topic()}, Status: status},
		one,
		one,
	)
}

// readRecipients reads a page of a notification's recipients.
func (h *Handlers) readRecipients(ctx context.Context, p *view.DetailProps) (err error) {
	if p.Recipients, err = notifications.Read(h.Store).Recipients(ctx, p.Row.ID, p.Filter); err != nil {
		return err
	}
	if len(p.Recipients) > recipientsPage {
		p.Recipients = p.Recipients[:recipientsPage]
		p.Next = p.Recipients[recipientsPage-1].ID
	}
	return mask.ReadRecipientNumbers(ctx, h.Store, p.Recipients)
}

// progressOf is the dry run before a notification is sent, and afterwards the failures and the messages with unknown
// outcome.
func (h *Handlers) progressOf(c echo.Context, p *view.DetailProps) error {
	ctx, n := c.Request().Context(), &p.Row
	switch n.State {
	case notifications.NotificationChecked, notifications.NotificationAwaiting, notifications.NotificationScheduled:
		e, err := h.Notifying.Estimate(ctx, &n.Notification)
		if err != nil {
			return err
		}
		p.Estimate = &view.Estimate{
			Duration: e.Duration,
			Headroom: e.Headroom,
			Days:     e.Days,
			Cost:     money(e.Cost, e.Currency),
			PricesOf: e.PricesOf,
		}
		people := make([]*people.Contact, len(e.Previews))
		for i := range e.Previews {
			people[i] = &e.Previews[i].Contact
		}
		if err := mask.ReadNumbers(ctx, h.Store, people...); err != nil {
			return err
		}
		for _, v := range e.Previews {
			p.Estimate.Previews = append(p.Estimate.Previews, view.Preview{
				Contact:  v.Contact,
				Language: v.Language,
				Content:  v.Version.Filled(mask.Values(ctx, &v.Contact, v.Values)),
				At:       v.At,
			})
		}
		return nil
	case notifications.NotificationChecking, notifications.NotificationPreparing:
		return nil
	case notifications.NotificationRunning,
		notifications.NotificationPaused,
		notifications.NotificationCanceled,
		notifications.NotificationFinished,
		notifications.NotificationExpired: // it has started, or ended
	}
	p.Left = max(0, n.Allowed-n.Queued)
	if n.State == notifications.NotificationCanceled {
		p.Left = 0
	}
	list, err := notifications.Read(h.Store).NotificationFailures(ctx, n.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		p.Failures = append(
			p.Failures,
			view.Failure{FailureCount: f, Advice: whatsapp.Explain(f.ErrorCode, f.Reason)},
		)
	}
	p.Doubt, p.Unknown, err = notifications.Read(h.Store).UnsettledOf(ctx, n.SenderID, n.ID)
	return err
}

// approval is whether a waiting notification still needs a second person, and who may approve it.
func (h *Handlers) approval(c echo.Context, p *view.DetailProps) error {
	if p.Row.State != notifications.NotificationAwaiting {
		return nil
	}
	rules, err := notifications.Read(h.Store).NotifyRules(c.Request().Context())
	if err != nil {
		return err
	}
	p.NeedsApproval = notifying.NeedsApproval(rules, &p.Row.Notification)
	p.Approvers, err = notifications.Read(h.Store).Approvers(c.Request().Context(), &p.Row.Notification)
	me := web.User(c).ID
	p.MayApprove = slices.ContainsFunc(p.Approvers, func(u accounts.User) bool { return u.ID == me })
	return err
}

func money(amount float64, currency string) string {
	if amount > 0 && amount < 1 {
		return fmt.Sprintf("%s %.4f", currency, amount)
	}
	return fmt.Sprintf("%s %.2f", currency, amount)
}
