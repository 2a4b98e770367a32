package notifications

import (
	"context"
	"errors"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
)

// actOn applies an action to a notification. The reason for a refusal is shown on its page.
func (h *Handlers) actOn(c echo.Context, err error, said string) error {
	if problems, status, ok := web.Problems(err); ok {
		return h.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/notifications/"+c.Param("id"), said)
}

func (h *Handlers) startNotification(c echo.Context) error {
	said, err := onItsWay, h.Notifying.Start(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err == nil {
		said, err = orNeedsSecond(c.Request().Context(), h.Store, c.Param("id"), said)
	}
	return h.actOn(c, err, said)
}

// onItsWay is shown when a notification was started.
const onItsWay = "On its way. This page follows each message."

// needsSecond is shown when a notification was started and now waits for approval.
const needsSecond = "It goes to more people than one may decide about: a second person has to approve it."

// orNeedsSecond is said, or needsSecond if the notification waits for approval now.
func orNeedsSecond(ctx context.Context, store *models.Store, id, said string) (string, error) {
	n, err := notifications.Read(store).NotificationByPublicID(ctx, id)
	if err == nil && n.State == notifications.NotificationAwaiting {
		return needsSecond, nil
	}
	return said, err
}

func (h *Handlers) approveNotification(c echo.Context) error {
	return h.actOn(
		c,
		h.Notifying.Approve(c.Request().Context(), web.Actor(c), c.Param("id")),
		"Approved: it is on its way.",
	)
}

func (h *Handlers) pauseNotification(c echo.Context) error {
	return h.actOn(
		c,
		h.Notifying.Pause(c.Request().Context(), web.Actor(c), c.Param("id")),
		"Paused. What was being sent in this moment still leaves.",
	)
}

func (h *Handlers) resumeNotification(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	t, err := h.newTimeOf(c, f)
	if err == nil {
		err = h.Notifying.Resume(c.Request().Context(), web.Actor(c), c.Param("id"), t)
	}
	said := "It goes on."
	if err == nil {
		said, err = orNeedsSecond(c.Request().Context(), h.Store, c.Param("id"), said)
	}
	return h.actOn(c, err, said)
}

// newTimeOf reads when an expired notification continues, nil if the form says nothing about it.
func (h *Handlers) newTimeOf(c echo.Context, f web.Form) (*notifying.NewTime, error) {
	if !f.Has("when") && !f.Has("resume_at") {
		return nil, nil
	}
	zone, err := h.Site.ZoneIn(c, f)
	if err != nil {
		return nil, err
	}
	t := &notifying.NewTime{}
	if t.ValidHours, err = strconv.Atoi(f.Get("valid_hours")); err != nil {
		err = models.Invalid("valid_hours", "form.not_a_whole_number")
	}
	if f.Get("when") == "now" {
		return t, err
	}
	at, problem := f.Moment("resume_at", zone)
	t.SendAt = &at
	return t, errors.Join(err, problem)
}

func (h *Handlers) cancelNotification(c echo.Context) error {
	return h.actOn(
		c,
		h.Notifying.Cancel(c.Request().Context(), web.Actor(c), c.Param("id")),
		"Canceled. What had left already can't be called back.",
	)
}

func (h *Handlers) testNotification(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	conversation, err := h.Notifying.Test(c.Request().Context(), web.Actor(c), h.Messaging, notifying.TestMessage{
		NotificationID: c.Param("id"),
		To:             f.Get("phone"),
		Role:           web.User(c).Role,
	})
	if problems, status, ok := web.Problems(err); ok {
		return h.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/inbox/"+conversation, "The test is on its way.")
}
