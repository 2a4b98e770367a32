package handlers

import (
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// zoneCookie is where the browser says in which time zone it is; static/files/app.js sets it.
const zoneCookie = "zone"

// zone is the time zone in which the reader is shown times to edit: the one of their account, else their browser's,
// else the business's, else UTC. A form keeps the zone that it was shown with in a field of its own: see zoneIn.
func (a *App) zone(c echo.Context) (*time.Location, error) {
	if u := userOf(c); u != nil {
		if zone, ok := models.LoadZone(u.Preferences.Zone); ok {
			return zone, nil
		}
	}
	if cookie, err := c.Cookie(zoneCookie); err == nil {
		if name, err := url.QueryUnescape(cookie.Value); err == nil {
			if zone, ok := models.LoadZone(name); ok {
				return zone, nil
			}
		}
	}
	desk, err := a.Store.InboxSettings(c.Request().Context())
	if err != nil {
		return nil, err
	}
	if zone, ok := models.LoadZone(desk.Hours.Zone); ok {
		return zone, nil
	}
	return time.UTC, nil
}

// zoneIn is the time zone that a form was shown with, whatever the reader's is by now. A form without one, and one that
// is only begun, has the reader's. A name that is none is refused.
func (a *App) zoneIn(c echo.Context, f form) (*time.Location, error) {
	if f.get("zone") == "" {
		return a.zone(c)
	}
	zone, ok := models.LoadZone(f.get("zone"))
	if !ok {
		return nil, models.Invalid("zone", "form.zone_unknown")
	}
	return zone, nil
}

// shownZone is the same for a form that is shown once more: with the reader's zone instead of one that is none.
func (a *App) shownZone(c echo.Context, f form) (*time.Location, error) {
	if zone, ok := models.LoadZone(f.get("zone")); ok {
		return zone, nil
	}
	return a.zone(c)
}

// was is the moment that a field of a form was shown with, nil if it was empty.
func (f form) was(field string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, f.get(field+"-was"))
	if err != nil {
		return nil
	}
	return &t
}

// moment reads a datetime-local field in the form's zone. Refusals name the field.
func (f form) moment(field string, zone *time.Location) (time.Time, error) {
	t, err := models.ReadLocal(f.get(field), zone, f.was(field))
	if err != nil {
		return t, models.InvalidBecause(field, err)
	}
	return t.UTC(), nil
}

// day reads a date field in the form's zone, nil if it is empty. Refusals name the field.
func (f form) day(field string, zone *time.Location) (*time.Time, error) {
	if f.get(field) == "" {
		return nil, nil
	}
	t, err := models.ReadDay(f.get(field), zone, f.was(field))
	if err != nil {
		return nil, models.InvalidBecause(field, err)
	}
	t = t.UTC()
	return &t, nil
}
