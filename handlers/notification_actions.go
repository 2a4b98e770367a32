package handlers

import (
	"errors"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/notifications"
	"parley/services/notifying"
)

// actOn applies an action to a notification. The reason for a refusal is shown on its page.
func (a *App) actOn(c echo.Context, err error, said string) error {
	if problems, status, ok := problemsOf(err); ok {
		return a.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/notifications/"+c.Param("id"), said)
}

func (a *App) startNotification(c echo.Context) error {
	said, err := onItsWay, a.Notifying.Start(c.Request().Context(), actor(c), c.Param("id"))
	if err == nil {
		said, err = a.orNeedsSecond(c, c.Param("id"), said)
	}
	return a.actOn(c, err, said)
}

// onItsWay is shown when a notification was started.
const onItsWay = "On its way. This page follows each message."

// needsSecond is shown when a notification was started and now waits for approval.
const needsSecond = "It goes to more people than one may decide about: a second person has to approve it."

// orNeedsSecond is said, or needsSecond if the notification waits for approval now.
func (a *App) orNeedsSecond(c echo.Context, id, said string) (string, error) {
	n, err := notifications.Read(a.Store).NotificationByPublicID(c.Request().Context(), id)
	if err == nil && n.State == notifications.NotificationAwaiting {
		return needsSecond, nil
	}
	return said, err
}

func (a *App) approveNotification(c echo.Context) error {
	return a.actOn(c, a.Notifying.Approve(c.Request().Context(), actor(c), c.Param("id")), "Approved: it is on its way.")
}

func (a *App) pauseNotification(c echo.Context) error {
	return a.actOn(
		c,
		a.Notifying.Pause(c.Request().Context(), actor(c), c.Param("id")),
		"Paused. What was being sent in this moment still leaves.",
	)
}

func (a *App) resumeNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	t, err := a.newTimeOf(c, f)
	if err == nil {
		err = a.Notifying.Resume(c.Request().Context(), actor(c), c.Param("id"), t)
	}
	said := "It goes on."
	if err == nil {
		said, err = a.orNeedsSecond(c, c.Param("id"), said)
	}
	return a.actOn(c, err, said)
}

// newTimeOf reads when an expired notification continues, nil if the form says nothing about it.
func (a *App) newTimeOf(c echo.Context, f form) (*notifying.NewTime, error) {
	if !f.has("when") && !f.has("resume_at") {
		return nil, nil
	}
	zone, err := a.zoneIn(c, f)
	if err != nil {
		return nil, err
	}
	t := &notifying.NewTime{}
	if t.ValidHours, err = strconv.Atoi(f.get("valid_hours")); err != nil {
		err = models.Invalid("valid_hours", "form.not_a_whole_number")
	}
	if f.get("when") == "now" {
		return t, err
	}
	at, problem := f.moment("resume_at", zone)
	t.SendAt = &at
	return t, errors.Join(err, problem)
}

func (a *App) cancelNotification(c echo.Context) error {
	return a.actOn(
		c,
		a.Notifying.Cancel(c.Request().Context(), actor(c), c.Param("id")),
		"Canceled. What had left already can't be called back.",
	)
}

func (a *App) testNotification(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	conversation, err := a.Notifying.Test(c.Request().Context(), actor(c), a.Messaging, notifying.TestMessage{
		NotificationID: c.Param("id"),
		To:             f.get("phone"),
		Role:           userOf(c).Role,
	})
	if problems, status, ok := problemsOf(err); ok {
		return a.notificationDetail(c, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/inbox/"+conversation, "The test is on its way.")
}
