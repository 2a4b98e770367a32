package notifications

import (
	"strconv"
	"strings"
	"unicode"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
)

func (h *Handlers) resend(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	n, err := h.Notifying.Resend(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("who"))
	if problems, status, ok := web.Problems(err); ok {
		return h.notificationDetail(c, map[string]string{"": problems[""] + problems["who"]}, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/notifications/"+n.PublicID, "A new notification was made. Look at its dry run, then send it.")
}

func (h *Handlers) repeatNotification(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Get("stop") != "" {
		return h.actOn(
			c,
			h.Notifying.StopRepeating(c.Request().Context(), web.Actor(c), c.Param("id")),
			"It is not repeated any more.",
		)
	}
	r, err := recurrenceOf(f)
	if zone, zerr := h.Site.ZoneIn(c, f); zerr == nil {
		r.Zone = zone.String()
	}
	if err == nil {
		err = h.Notifying.Repeat(c.Request().Context(), web.Actor(c), c.Param("id"), r)
	}
	return h.actOn(c, err, "It is repeated from now on.")
}

// recurrenceOf reads the days of the week or, if the form has dates, the days of the month.
func recurrenceOf(f web.Form) (notifications.Recurrence, error) {
	r := notifications.Recurrence{Weeks: 1, Zone: f.Get("zone")}
	for _, d := range f.Values["day"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < 7 {
			r.Days |= 1 << n
		}
	}
	if f.Get("weeks") != "" {
		r.Weeks, _ = strconv.Atoi(f.Get("weeks")) // 0 is refused later
	}
	if f.Has("dates") {
		var err error
		if r.Dates, err = datesOf(f.Get("dates")); err != nil {
			return r, err
		}
	}
	minute, err := web.MinuteOf(f, "at")
	if err == nil && minute == nil {
		err = models.Invalid("at", "form.not_a_time")
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
			dates |= notifications.LastDay
			continue
		}
		n, err := strconv.Atoi(strings.TrimRight(w, "stndrh."))
		if err != nil || n < 1 || n > 31 {
			return 0, models.Invalid("dates", "notification.repeat_date_unknown", "Text", plaintext.Cut(w, 20))
		}
		dates |= 1 << n
	}
	if dates == 0 {
		return 0, models.Invalid("dates", "notification.repeat_dates_missing")
	}
	return dates, nil
}
