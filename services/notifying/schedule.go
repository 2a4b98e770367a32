package notifying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/models"
)

// Repeat lets a notification come again. Its audience is put together anew each time. Refusals name days, dates, weeks, at
// or zone.
func (s *Service) Repeat(ctx context.Context, a models.Actor, id string, r models.Rhythm) error {
	switch {
	case r.Dates == 0 && (r.Days < 1 || r.Days > 127):
		return models.Invalid("days", "Choose at least one day.")
	case r.Dates < 0 || r.Dates >= 1<<32:
		return models.Invalid("dates", "Write days of the month, from 1 to 31, or last.")
	case r.Weeks < 1 || r.Weeks > 4:
		return models.Invalid("weeks", "Choose every week, or every second, third or fourth one.")
	case r.Minute < 0 || r.Minute > 1439:
		return models.Invalid("at", "Write the time as 09:30.")
	}
	if _, err := time.LoadLocation(r.Zone); err != nil || r.Zone == "" || r.Zone == "Local" {
		return models.Invalid("zone", "Choose a time zone, for example Europe/Berlin.")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.NotificationForUpdate(id)
		if err != nil {
			return err
		}
		if n.Audience.Kind == "list" {
			return models.Conflict("A list stays as it is: repeat a notification to a segment, tags or contacts.")
		}
		if err := tx.StopSchedule(a, n); err != nil {
			return err
		}
		x := &models.Schedule{PatternID: n.ID, Rhythm: r, CreatedBy: a.ID, CreatedAt: tx.Now()}
		next := x.After(tx.Now(), x.CreatedAt)
		x.NextAt = &next
		return tx.AddSchedule(a, n, x)
	})
}

// StopRepeating ends it.
func (s *Service) StopRepeating(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.NotificationForUpdate(id)
		if err != nil {
			return err
		}
		return tx.StopSchedule(a, n)
	})
}

// RunSchedules sends what is due. Each is a notification of its own, in one transaction with the schedule's next moment:
// after a crash none is sent twice. What was missed while nothing ran is sent once.
func (s *Service) RunSchedules(ctx context.Context) error {
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		due, err := tx.DueSchedules()
		if err != nil {
			return err
		}
		for i := range due {
			if err := s.repeat(tx, &due[i]); err != nil {
				return err
			}
		}
		return nil
	})
	s.nudge()
	return err
}

func (s *Service) repeat(tx *models.Tx, x *models.Schedule) error {
	old, err := tx.NotificationByIDForUpdate(x.PatternID)
	if err != nil {
		return err
	}
	at := *x.NextAt
	next := x.After(tx.Now(), x.CreatedAt)
	x.NextAt, x.Problem = &next, ""
	sender, err := tx.SenderByIDForShare(old.SenderID)
	if err != nil {
		return err
	}
	v, err := tx.VersionByID(old.VersionID)
	if err != nil {
		return err
	}
	a := models.Actor{ID: x.CreatedBy, Name: "Schedule"}
	if refused, ok := errors.AsType[*models.Error](checkTemplate(sender, v, models.Admin)); ok {
		x.Problem = refused.Message
		return errors.Join(tx.SaveSchedule(x), tx.Alert(nil, models.Alert{Tone: "bad", Title: old.Name + " was not sent this time", Body: refused.Message, Href: "/notifications/" + old.PublicID}))
	}
	n := &models.Notification{Name: cutName(old.Name + ", " + at.Format("2 Jan 2006")), VersionID: old.VersionID, SenderID: old.SenderID, UseCase: old.UseCase, State: models.NotificationPreparing, Audience: old.Audience,
		Fills: old.Fills, Variables: old.Variables, QuietFrom: old.QuietFrom, QuietTo: old.QuietTo, Speed: old.Speed, ValidHours: old.ValidHours, StopPercent: old.StopPercent, Excluded: map[string]int{},
		Token: fmt.Sprintf("schedule-%d-%d", x.ID, at.Unix()), BasedOn: &old.ID, ScheduleID: &x.ID, CreatedBy: x.CreatedBy, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
	_, err = tx.AddNotification(n)
	return errors.Join(err, tx.SaveSchedule(x), tx.Audit(a, "notification.sent", "notification", n.PublicID, n.Name+" was sent by its schedule", nil), tx.Tell("notifications", "home"))
}
