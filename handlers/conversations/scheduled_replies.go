package conversations

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/services/messaging"
)

// scheduleReply stores a reply to be sent at a time, or when the customer writes.
func (h *Handlers) scheduleReply(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	zone, err := h.Site.ZoneIn(c, f)
	if err != nil {
		return h.written(c, f, "reply", models.Invalid("at", "reply.zone_unknown"))
	}
	at := f.Get("at")
	if at == "" {
		at = f.Get("at_time")
	}
	err = h.Messaging.ScheduleReply(
		c.Request().Context(),
		web.Actor(c),
		c.Param("id"),
		messaging.ScheduledReplyForm{
			Text:  f.Raw("body"),
			Token: f.Get("token"),
			Quote: f.Get("quote"),
			Draft: f.Get("mode"),
			At:    at,
			Zone:  zone,
		},
	)
	mode := "reply"
	if f.Get("mode") == "later" {
		mode = "later"
	}
	return h.written(c, f, mode, err)
}

// sendScheduledReply sends a scheduled reply now.
func (h *Handlers) sendScheduledReply(c echo.Context) error {
	id, err := h.Messaging.SendScheduledReply(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil && id != "" {
		return web.Refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+id)
}

// cancelScheduledReply cancels a scheduled reply; its text goes back into the composer.
func (h *Handlers) cancelScheduledReply(c echo.Context) error {
	text, id, err := h.Messaging.CancelScheduledReply(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil && id != "" {
		return web.Refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	if err := h.backToDraft(c, id, text); err != nil {
		return err
	}
	return web.Done(c, "/inbox/"+id, "Taken back. The text is in the composer.")
}
