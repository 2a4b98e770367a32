package settings

import (
	"errors"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	"parley/services/notifying"
	view "parley/views/settings"
)

func (h *Handlers) showNotifyRules(c echo.Context) error {
	rules, err := notifications.Read(h.Store).NotifyRules(c.Request().Context())
	if err != nil {
		return err
	}
	return h.notifyRulesPage(c, rulesProps(rules), 0)
}

// rulesProps are the current rules as the form shows them.
func rulesProps(r notifications.NotifyRules) view.RulesProps {
	return view.RulesProps{
		PerDay:       strconv.Itoa(r.PerDay),
		MinHours:     strconv.Itoa(r.MinHours),
		QuietFrom:    web.ClockOf(r.QuietFrom),
		QuietTo:      web.ClockOf(r.QuietTo),
		ApproveAbove: strconv.Itoa(r.ApproveAbove),
		Prices:       view.PriceText(r.Prices),
		PricesOf:     r.PricesOf,
		Currency:     r.Currency,
	}
}

func (h *Handlers) notifyRulesPage(c echo.Context, p view.RulesProps, status int) error {
	var err error
	if p.Keys, err = accounts.Read(h.Store).APIKeys(c.Request().Context()); err != nil {
		return err
	}
	p.MayEdit, p.PublicURL, p.Now = web.User(c).Role.Can(models.Admin), h.Site.PublicURL, h.Store.Now()
	return h.Site.Page(
		c,
		web.View{Title: "Rules for notifications", Area: "notifications", Status: status},
		view.Rules(p),
		nil,
	)
}

func (h *Handlers) saveNotifyRules(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	typed := view.RulesProps{
		PerDay:       f.Get("per_day"),
		MinHours:     f.Get("min_hours"),
		ApproveAbove: f.Get("approve_above"),
		Prices:       f.Text("prices"),
		PricesOf:     f.Get("prices_of"),
		Currency:     f.Get("currency"),
	}
	var errs []error
	typed.QuietFrom, typed.QuietTo = f.Get("quiet_from"), f.Get("quiet_to")
	r := notifications.NotifyRules{PricesOf: typed.PricesOf, Currency: strings.ToUpper(typed.Currency)}
	for field, into := range map[string]**int{"quiet_from": &r.QuietFrom, "quiet_to": &r.QuietTo} {
		if *into, err = web.MinuteOf(f, field); err != nil {
			errs = append(errs, err)
		}
	}
	numbers := map[string]*int{"per_day": &r.PerDay, "min_hours": &r.MinHours, "approve_above": &r.ApproveAbove}
	for field, into := range numbers {
		if v := f.Get(field); v != "" {
			if *into, err = strconv.Atoi(v); err != nil {
				errs = append(errs, models.Invalid(field, "form.not_a_whole_number_or_none"))
			}
		}
	}
	if r.Prices, err = notifying.ReadPrices(typed.Prices); err != nil {
		errs = append(errs, err)
	}
	if err = errors.Join(append(errs, notifying.CheckRules(r))...); err == nil {
		err = h.Notifying.SaveRules(c.Request().Context(), web.Actor(c), r)
	}
	if problems, status, ok := web.Problems(err); ok {
		typed.Problems = problems
		return h.notifyRulesPage(c, typed, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/notifications/settings", "Saved.")
}

func (h *Handlers) newAPIKey(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	key, err := h.Notifying.NewKey(c.Request().Context(), web.Actor(c), f.Get("name"))
	rules, rerr := notifications.Read(h.Store).NotifyRules(c.Request().Context())
	if rerr != nil {
		return rerr
	}
	p := rulesProps(rules)
	p.NewKey, p.KeyName = key, f.Get("name")
	if problems, status, ok := web.Problems(err); ok {
		p.NewKey, p.Problems = "", problems
		return h.notifyRulesPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return h.notifyRulesPage(c, p, 0)
}

func (h *Handlers) revokeAPIKey(c echo.Context) error {
	if err := h.Notifying.RevokeKey(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return web.Done(c, "/notifications/settings", "The key was taken away: it opens nothing any more.")
}
