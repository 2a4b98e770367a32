package notifications

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
	"parley/models/people/segments"
)

// saveNotification stores a notification and starts its dry run. A small number of contacts picked by hand can be sent
// to at once: with the same checks, but without the page between.
func (e *Editor) saveNotification(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("id")
	r, err := e.requestOf(c, f)
	var n *notifications.Notification
	r.ID, r.Version = id, f.Version()
	if err == nil {
		n, err = e.Notifying.Save(ctx, web.Actor(c), r)
	}
	said := "Checked. Look who gets it, then send it."
	if err == nil && (n.State == notifications.NotificationAwaiting || n.State == notifications.NotificationScheduled) {
		said = "Nothing was changed."
	}
	if err == nil && f.Get("do") == "send" && r.Audience.Kind == "contacts" && id == "" {
		said, err = e.sendPicked(c, n)
	}
	if _, _, ok := web.Problems(err); ok {
		return e.refusedNotification(c, f, err)
	}
	if err != nil {
		return err
	}
	if id := f.Get("list_kept"); id != "" {
		if err := segments.DeleteList(ctx, e.Store, web.User(c).ID, id); err != nil {
			return err
		}
	}
	return web.Done(c, "/notifications/"+n.PublicID, said)
}

// refusedNotification shows the form again, with the reason why it was refused.
func (e *Editor) refusedNotification(c echo.Context, f web.Form, cause error) error {
	id := c.Param("id")
	f.Set("notification", id)
	p, err := e.notificationForm(c, f)
	if err != nil {
		return err
	}
	problems, status, _ := web.Problems(cause)
	maps.Copy(p.Problems, problems)
	if id != "" {
		if now, err := notifications.Read(e.Store).NotificationByPublicID(c.Request().Context(), id); err == nil {
			p.Version = now.Version // saving again overwrites deliberately
		}
	}
	return e.notificationPage(c, p, status)
}

// sendPicked sends to contacts who were picked by hand, and reports the outcome.
func (e *Editor) sendPicked(c echo.Context, n *notifications.Notification) (said string, err error) {
	if err := e.Notifying.SendPicked(c.Request().Context(), web.Actor(c), n); err != nil {
		return "", err
	}
	return orNeedsSecond(c.Request().Context(), e.Store, n.PublicID, onItsWay)
}

// editNotification shows the form filled from a notification.
func (e *Editor) editNotification(c echo.Context) error {
	ctx := c.Request().Context()
	n, err := notifications.Read(e.Store).NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if !n.Editable() {
		return c.Redirect(http.StatusSeeOther, "/notifications/"+n.PublicID)
	}
	f := web.Form{Values: url.Values{
		"notification": {n.PublicID},
		"version":      {strconv.Itoa(n.Version)},
		"token":        {n.Token},
		"name":         {n.Name},
		"sender":       {n.SenderPublicID},
		"template":     {n.VersionPublicID},
		"use_case":     {n.UseCase},
		"audience":     {n.Audience.Kind},
		"contact":      n.Audience.Contacts,
		"valid_hours":  {strconv.Itoa(n.ValidHours)},
		"stop_percent": {strconv.Itoa(n.StopPercent)},
	}}
	for number, x := range n.Fills {
		f.Set("value-"+number, x.Value)
		f.Set("default-"+number, x.Default)
		f.Set("from-"+number, x.From)
		if x.From == "field" {
			f.Set("from-"+number, "field:"+x.Value)
			f.Set("value-"+number, "")
		}
	}
	f.Set("list_country", n.Audience.Country)
	if err := e.setTime(c, f, n); err != nil {
		return err
	}
	if n.QuietFrom != nil && n.QuietTo != nil {
		f.Set("quiet_from", fmt.Sprintf("%02d:%02d", *n.QuietFrom/60, *n.QuietFrom%60))
		f.Set("quiet_to", fmt.Sprintf("%02d:%02d", *n.QuietTo/60, *n.QuietTo%60))
	}
	if n.Speed > 0 {
		f.Set("speed", strconv.FormatFloat(n.Speed, 'g', -1, 64))
	}
	if err := e.fillAudience(c, f, n); err != nil {
		return err
	}
	p, err := e.notificationForm(c, f)
	if err != nil {
		return err
	}
	return e.notificationPage(c, p, 0)
}

// setTime puts a notification's time into a form: in the reader's time zone, or as the local time of each contact.
func (e *Editor) setTime(c echo.Context, f web.Form, n *notifications.NotificationRow) error {
	zone, err := e.Site.Zone(c)
	if err != nil {
		return err
	}
	f.Set("zone", zone.String())
	if n.LocalTime {
		f.Set("local_time", "1")
		zone = time.UTC
	}
	if n.SendAt != nil {
		f.Set("when", "later")
		f.Set("send_at", models.ShowLocal(*n.SendAt, zone))
		f.Set("send_at-was", n.SendAt.UTC().Format(time.RFC3339Nano))
	}
	return nil
}
