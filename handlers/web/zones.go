package web

import (
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations"
)

// zoneCookie is the cookie with the browser's time zone; static/src/js/page/zone.js sets it.
const zoneCookie = "zone"

// Zone is the time zone in which editable times are shown to the reader: the account's, else the browser's, else the
// business's, else UTC. A form stores the zone that it was shown with in a hidden field: see zoneIn.
func (site *Site) Zone(c echo.Context) (*time.Location, error) {
	if u := User(c); u != nil {
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
	desk, err := conversations.Read(site.Store).InboxSettings(c.Request().Context())
	if err != nil {
		return nil, err
	}
	if zone, ok := models.LoadZone(desk.Hours.Zone); ok {
		return zone, nil
	}
	return time.UTC, nil
}

// ZoneIn is the time zone that a form was shown with, even if the reader's has changed since. A form without one, or
// one that was just opened, uses the reader's. An unknown zone is refused.
func (site *Site) ZoneIn(c echo.Context, f Form) (*time.Location, error) {
	if f.Get("zone") == "" {
		return site.Zone(c)
	}
	zone, ok := models.LoadZone(f.Get("zone"))
	if !ok {
		return nil, models.Invalid("zone", "form.zone_unknown")
	}
	return zone, nil
}

// ShownZone is the same for a form that is shown again: with the reader's zone instead of an unknown one.
func (site *Site) ShownZone(c echo.Context, f Form) (*time.Location, error) {
	if zone, ok := models.LoadZone(f.Get("zone")); ok {
		return zone, nil
	}
	return site.Zone(c)
}

// was is the moment that a form's field was shown with, nil if it was empty.
func (f Form) was(field string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, f.Get(field+"-was"))
	if err != nil {
		return nil
	}
	return &t
}

// moment reads a datetime-local field in the form's zone. Refusals name the field.
func (f Form) Moment(field string, zone *time.Location) (time.Time, error) {
	t, err := models.ReadLocal(f.Get(field), zone, f.was(field))
	if err != nil {
		return t, models.InvalidBecause(field, err)
	}
	return t.UTC(), nil
}

// day reads a date field in the form's zone, nil if it is empty. Refusals name the field.
func (f Form) Day(field string, zone *time.Location) (*time.Time, error) {
	if f.Get(field) == "" {
		return nil, nil
	}
	t, err := models.ReadDay(f.Get(field), zone, f.was(field))
	if err != nil {
		return nil, models.InvalidBecause(field, err)
	}
	t = t.UTC()
	return &t, nil
}
