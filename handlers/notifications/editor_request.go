package notifications

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
)

func floatOf(f web.Form, field, code string) (float64, error) {
	if f.Get(field) == "" {
		return 0, nil
	}
	n, err := models.ParseNumber(f.Get(field))
	if err != nil {
		return 0, models.Invalid(field, code)
	}
	return n, nil
}

// requestOf reads what the form requests. Refusals name the field.
func (e *Editor) requestOf(c echo.Context, f web.Form) (notifying.Request, error) {
	r := notifying.Request{
		Name:        f.Get("name"),
		VersionID:   f.Get("template"),
		SenderID:    f.Get("sender"),
		UseCase:     f.Get("use_case"),
		Token:       f.Get("token"),
		Role:        web.User(c).Role,
		LocalTime:   f.Get("local_time") == "1",
		Fills:       notifications.Fills{},
		ValidHours:  24,
		StopPercent: 25,
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	if f.Get("when") == "later" {
		zone, zerr := e.Site.ZoneIn(c, f)
		if r.LocalTime || zerr != nil {
			zone = time.UTC
		}
		at, perr := f.Moment("send_at", zone)
		note(errors.Join(zerr, perr))
		r.SendAt = &at
	}
	r.QuietFrom, err = web.MinuteOf(f, "quiet_from")
	note(err)
	r.QuietTo, err = web.MinuteOf(f, "quiet_to")
	note(err)
	r.Speed, err = floatOf(f, "speed", "notification.speed_unreadable")
	note(err)
	for field, into := range map[string]*int{"valid_hours": &r.ValidHours, "stop_percent": &r.StopPercent} {
		if f.Get(field) == "" {
			continue
		}
		if *into, err = strconv.Atoi(f.Get(field)); err != nil {
			note(models.Invalid(field, "form.not_a_whole_number"))
		}
	}
	defaults, from := f.Prefixed("default-"), f.Prefixed("from-")
	for n, v := range f.Prefixed("value-") {
		fill := notifications.Fill{From: "fixed", Value: v, Default: defaults[n]}
		if key, ok := strings.CutPrefix(from[n], "field:"); ok {
			fill.From, fill.Value = "field", key
		} else if from[n] == "column" {
			fill.From = "column"
		}
		r.Fills[n] = fill
	}
	note(e.audienceOf(c, f, &r))
	return r, errors.Join(errs...)
}

// audienceOf reads the form's audience.
func (e *Editor) audienceOf(c echo.Context, f web.Form, r *notifying.Request) error {
	switch f.Get("audience") {
	case "filter":
		var err error
		r.Audience, err = e.Notifying.FilterAudience(c.Request().Context(), web.User(c).ID, notifying.Chosen{
			NotificationID: requestedNotification(c, f),
			Segment:        f.Get("segment"),
			Asked:          f.Has("segment"),
			Tags:           f.Values["tag"],
		})
		return err
	case "list":
		return e.readList(c, f, r)
	default:
		r.Audience = notifications.Audience{Kind: "contacts", Contacts: f.Values["contact"]}
		return nil
	}
}

func requestedNotification(c echo.Context, f web.Form) string {
	if id := c.Param("id"); id != "" {
		return id
	}
	return f.Get("notification")
}
