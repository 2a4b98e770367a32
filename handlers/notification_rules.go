package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	accountservice "parley/services/accounts"
	"parley/services/notifying"
	notificationviews "parley/views/notifications"
	"parley/whatsapp"
)

func (a *App) showNotifyRules(c echo.Context) error {
	rules, err := notifications.Read(a.Store).NotifyRules(c.Request().Context())
	if err != nil {
		return err
	}
	return a.notifyRulesPage(c, rulesProps(rules), 0)
}

// rulesProps are the current rules as the form shows them.
func rulesProps(r notifications.NotifyRules) notificationviews.RulesProps {
	return notificationviews.RulesProps{
		PerDay:       itoa0(r.PerDay),
		MinHours:     itoa0(r.MinHours),
		QuietFrom:    clockOf(r.QuietFrom),
		QuietTo:      clockOf(r.QuietTo),
		ApproveAbove: itoa0(r.ApproveAbove),
		Prices:       notificationviews.PriceText(r.Prices),
		PricesOf:     r.PricesOf,
		Currency:     r.Currency,
	}
}

// clockOf formats minutes after midnight for a time field, empty for none.
func clockOf(minute *int) string {
	if minute == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
}

func itoa0(n int) string { return strconv.Itoa(n) }

func (a *App) notifyRulesPage(c echo.Context, p notificationviews.RulesProps, status int) error {
	var err error
	if p.Keys, err = accounts.Read(a.Store).APIKeys(c.Request().Context()); err != nil {
		return err
	}
	p.MayEdit, p.PublicURL, p.Now = userOf(c).Role.Can(models.Admin), a.PublicURL, a.Store.Now()
	return a.page(
		c,
		view{title: "Rules for notifications", area: "notifications", status: status},
		notificationviews.Rules(p),
		nil,
	)
}

func (a *App) saveNotifyRules(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	typed := notificationviews.RulesProps{
		PerDay:       f.get("per_day"),
		MinHours:     f.get("min_hours"),
		ApproveAbove: f.get("approve_above"),
		Prices:       f.text("prices"),
		PricesOf:     f.get("prices_of"),
		Currency:     f.get("currency"),
	}
	var errs []error
	typed.QuietFrom, typed.QuietTo = f.get("quiet_from"), f.get("quiet_to")
	r := notifications.NotifyRules{PricesOf: typed.PricesOf, Currency: strings.ToUpper(typed.Currency)}
	for field, into := range map[string]**int{"quiet_from": &r.QuietFrom, "quiet_to": &r.QuietTo} {
		if *into, err = minuteOf(f, field); err != nil {
			errs = append(errs, err)
		}
	}
	numbers := map[string]*int{"per_day": &r.PerDay, "min_hours": &r.MinHours, "approve_above": &r.ApproveAbove}
	for field, into := range numbers {
		if v := f.get(field); v != "" {
			if *into, err = strconv.Atoi(v); err != nil {
				errs = append(errs, models.Invalid(field, "form.not_a_whole_number_or_none"))
			}
		}
	}
	if r.Prices, err = readPrices(typed.Prices); err != nil {
		errs = append(errs, err)
	}
	if _, err := time.Parse(time.DateOnly, r.PricesOf); err != nil {
		errs = append(errs, models.Invalid("prices_of", "notification.prices_day_form"))
	}
	if len(r.Currency) != 3 {
		errs = append(errs, models.Invalid("currency", "notification.currency_form"))
	}
	if err = errors.Join(errs...); err == nil {
		err = a.Notifying.SaveRules(c.Request().Context(), actor(c), r)
	}
	if problems, status, ok := problemsOf(err); ok {
		typed.Problems = problems
		return a.notifyRulesPage(c, typed, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/notifications/settings", "Saved.")
}

// priceCells splits a line of prices. A comma separates only if no other separator gives three parts: otherwise it
// belongs to the price.
func priceCells(line string) []string {
	between := func(signs string) []string {
		return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(signs, r) })
	}
	if cells := between(" ;\t\r"); len(cells) == 3 {
		for i := range cells {
			cells[i] = strings.Trim(cells[i], ",")
		}
		return cells
	}
	return between(" ;,\t\r")
}

// readPrices reads one price per line: country or *, category, amount.
func readPrices(text string) ([]notifications.Price, error) {
	var out []notifications.Price
	for i, line := range strings.Split(text, "\n") {
		cells := priceCells(line)
		if len(cells) == 0 {
			continue
		}
		bad := models.Invalid("prices", "notification.price_line", "Line", i+1)
		if len(cells) != 3 {
			return nil, bad
		}
		p := notifications.Price{Country: strings.ToUpper(cells[0]), Category: whatsapp.Category(strings.ToUpper(cells[1]))}
		if p.Country == "*" {
			p.Country = ""
		}
		amount, err := models.ParseNumber(cells[2])
		known := slices.Contains(append(whatsapp.Categories(), notifications.TwilioFee), p.Category) &&
			(p.Country == "" || whatsapp.KnownCountry(p.Country))
		if err != nil || amount < 0 || amount > 100 || !known {
			return nil, bad
		}
		p.Amount = amount
		out = append(out, p)
	}
	return out, nil
}

func (a *App) newAPIKey(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := a.Notifying.NewKey(c.Request().Context(), actor(c), f.get("name"))
	rules, rerr := notifications.Read(a.Store).NotifyRules(c.Request().Context())
	if rerr != nil {
		return rerr
	}
	p := rulesProps(rules)
	p.NewKey, p.KeyName = key, f.get("name")
	if problems, status, ok := problemsOf(err); ok {
		p.NewKey, p.Problems = "", problems
		return a.notifyRulesPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.notifyRulesPage(c, p, 0)
}

func (a *App) revokeAPIKey(c echo.Context) error {
	if err := a.Notifying.RevokeKey(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return a.done(c, "/notifications/settings", "The key was taken away: it opens nothing any more.")
}

// apiNotify sends one template to one number for another program. Errors are JSON: a field and a sentence.
func (a *App) apiNotify(c echo.Context) error {
	fail := func(status int, field, code, text string) error {
		return c.JSON(status, map[string]any{"error": text, "field": field, "code": code})
	}
	if !a.apiTries.allow(accountservice.Network(c.RealIP())) {
		c.Response().Header().Set("Retry-After", "60")
		return fail(http.StatusTooManyRequests, "", "too_many_calls", "Too many calls: wait a minute.")
	}
	secret, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	if !ok || len(secret) < 20 {
		return fail(http.StatusUnauthorized, "Authorization", "unauthorized", "Send the key as “Authorization: Bearer …”.")
	}
	key, err := accounts.APIKeyByKey(c.Request().Context(), a.Store, secret)
	if models.KindOf(err) == models.KindNotFound {
		return fail(http.StatusUnauthorized, "Authorization", "unauthorized", "This key is not known, or it was taken away.")
	}
	if err != nil {
		return err
	}
	idempotency := strings.TrimSpace(c.Request().Header.Get("Idempotency-Key"))
	if idempotency == "" || len(idempotency) > notifying.MaxKey {
		return fail(
			http.StatusBadRequest,
			"Idempotency-Key",
			"no_idempotency_key",
			"Send an Idempotency-Key of at most 200 characters: the same key sends one message, however often you ask.",
		)
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	var in notifying.Call
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return fail(http.StatusBadRequest, "", "invalid_json", jsonProblem(err))
	}
	out, err := a.Notifying.TakeCall(c.Request().Context(), notifying.CallRequest{
		Key:            key,
		IdempotencyKey: idempotency,
		Body:           body,
		Call:           in,
	})
	if err != nil {
		return err
	}
	return c.JSONBlob(out.Status, out.Body)
}
