package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/messaging"
)

// scheduleReply stores a reply to be sent at a time, or when the customer writes.
func (a *App) scheduleReply(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	zone, err := a.zoneIn(c, f)
	if err != nil {
		return a.written(c, f, "reply", models.Invalid("at", "reply.zone_unknown"))
	}
	at := f.get("at")
	if at == "" {
		at = f.get("at_time")
	}
	err = a.Messaging.ScheduleReply(
		c.Request().Context(),
		actor(c),
		c.Param("id"),
		messaging.ScheduledReplyForm{Text: f.Get("body"), Token: f.get("token"), Quote: f.get("quote"), At: at, Zone: zone},
	)
	mode := "reply"
	if f.get("mode") == "later" {
		mode = "later"
	}
	return a.written(c, f, mode, err)
}

// sendScheduledReply sends a scheduled reply now.
func (a *App) sendScheduledReply(c echo.Context) error {
	id, err := a.Messaging.SendScheduledReply(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil && id != "" {
		return a.refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+id)
}

// cancelScheduledReply cancels a scheduled reply; its text goes back into the composer.
func (a *App) cancelScheduledReply(c echo.Context) error {
	text, id, err := a.Messaging.CancelScheduledReply(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil && id != "" {
		return a.refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	if err := a.backToDraft(c, id, text); err != nil {
		return err
	}
	return a.done(c, "/inbox/"+id, "Taken back. The text is in the composer.")
}
