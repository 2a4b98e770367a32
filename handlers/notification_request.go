package handlers

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
)

// minuteOf reads a time of day as minutes after midnight, nil if it is empty.
func minuteOf(f form, field string) (*int, error) {
	text := f.get(field)
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return nil, models.Invalid(field, "form.not_a_time")
	}
	m := t.Hour()*60 + t.Minute()
	return &m, nil
}

func floatOf(f form, field, code string) (float64, error) {
	if f.get(field) == "" {
		return 0, nil
	}
	n, err := models.ParseNumber(f.get(field))
	if err != nil {
		return 0, models.Invalid(field, code)
	}
	return n, nil
}

// requestOf reads what the form requests. Refusals name the field.
func (a *App) requestOf(c echo.Context, f form) (notifying.Request, error) {
	r := notifying.Request{
		Name:        f.get("name"),
		VersionID:   f.get("template"),
		SenderID:    f.get("sender"),
		UseCase:     f.get("use_case"),
		Token:       f.get("token"),
		Role:        userOf(c).Role,
		LocalTime:   f.get("local_time") == "1",
		Fills:       notifications.Fills{},
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
	r.Speed, err = floatOf(f, "speed", "notification.speed_unreadable")
	note(err)
	for field, into := range map[string]*int{"valid_hours": &r.ValidHours, "stop_percent": &r.StopPercent} {
		if f.get(field) == "" {
			continue
		}
		if *into, err = strconv.Atoi(f.get(field)); err != nil {
			note(models.Invalid(field, "form.not_a_whole_number"))
		}
	}
	defaults, from := f.prefixed("default-"), f.prefixed("from-")
	for n, v := range f.prefixed("value-") {
		fill := notifications.Fill{From: "fixed", Value: v, Default: defaults[n]}
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

// audienceOf reads the form's audience.
func (a *App) audienceOf(c echo.Context, f form, r *notifying.Request) error {
	switch f.get("audience") {
	case "filter":
		var err error
		r.Audience, err = a.filterAudience(c, f)
		return err
	case "list":
		return a.listOf(c, f, r)
	default:
		r.Audience = notifications.Audience{Kind: "contacts", Contacts: f.Values["contact"]}
		return nil
	}
}

func requestedNotification(c echo.Context, f form) string {
	if id := c.Param("id"); id != "" {
		return id
	}
	return f.get("notification")
}
