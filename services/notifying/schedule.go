package notifying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// Repeat makes a notification recurring. Its audience is evaluated again each time. Refusals name days, dates, weeks,
// at or zone.
func (s *Service) Repeat(ctx context.Context, a models.Actor, id string, r notifications.Recurrence) error {
	if err := checkRecurrence(r); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		if err != nil {
			return err
		}
		if n.Audience.Kind == "list" {
			return models.Conflict("notification.repeat_list")
		}
		if err := chosen(n); err != nil {
			return err
		}
		if err := maySend(tx, a, n.VersionID); err != nil {
			return err
		}
		if err := notifications.StopSchedule(tx, a, n); err != nil {
			return err
		}
		x := &notifications.Schedule{PatternID: n.ID, Recurrence: r, CreatedBy: a.ID, CreatedAt: tx.Now()}
		if x.ApprovedBy, err = approverOf(tx, a, n); err != nil {
			return err
		}
		next := x.After(tx.Now(), x.CreatedAt)
		x.NextAt = &next
		return notifications.AddSchedule(tx, a, n, x)
	})
}

func checkRecurrence(r notifications.Recurrence) error {
	switch {
	case r.Dates == 0 && (r.Days < 1 || r.Days > 127):
		return models.Invalid("days", "notification.repeat_days_missing")
	case r.Dates < 0 || r.Dates >= 1<<32:
		return models.Invalid("dates", "notification.repeat_dates_range")
	case r.Weeks < 1 || r.Weeks > 4:
		return models.Invalid("weeks", "notification.repeat_weeks_range")
	case r.Minute < 0 || r.Minute > 1439:
		return models.Invalid("at", "form.not_a_time")
	}
	if _, ok := models.LoadZone(r.Zone); !ok {
		return models.Invalid("zone", "notification.repeat_zone_unknown")
	}
	return nil
}

// approverOf is who approved repeating a notification, nil for nobody. An earlier approval was for one sending, so the
// first repetition waits for a second person again, unless a user who did not take part in the notification repeats it.
func approverOf(tx *models.Tx, a models.Actor, n *notifications.Notification) (*int64, error) {
	if n.ApprovedBy == nil || a.ID == nil {
		return nil, nil
	}
	did, err := notifications.DidWith(tx, n.ID, *a.ID)
	if err != nil || did != "" {
		return nil, err
	}
	return a.ID, nil
}

// StopRepeating stops repeating a notification.
func (s *Service) StopRepeating(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		if err != nil {
			return err
		}
		return notifications.StopSchedule(tx, a, n)
	})
}

// RunSchedules sends what is due. Each is a notification of its own, in one transaction with the schedule's next
// moment: after a crash none is sent twice, and a schedule that fails holds up no other. Of the moments that were
// missed while Parley did not run, the latest is sent if it is still valid, and the others are skipped and recorded.
func (s *Service) RunSchedules(ctx context.Context) error {
	due, err := notifications.Read(s.store).DueSchedules(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	var errs []error
	for _, id := range due {
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			x, err := notifications.TakeSchedule(tx, id)
			if err != nil || x == nil {
				return err
			}
			return s.repeat(tx, x)
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("schedule %d: %w", id, err))
		}
	}
	s.nudge()
	return errors.Join(errs...)
}

func (s *Service) repeat(tx *models.Tx, x *notifications.Schedule) error {
	old, err := notifications.NotificationByIDForUpdate(tx, x.PatternID)
	if err != nil {
		return err
	}
	at, skipped := missed(x, old.ValidHours, tx.Now())
	next := x.After(tx.Now(), x.CreatedAt)
	x.NextAt, x.Problem, x.Skipped = &next, "", skippedText(x, skipped)
	a := models.Actor{ID: x.CreatedBy, Name: "Schedule"}
	if x.Skipped != "" {
		author := &notifications.Notification{PublicID: old.PublicID, CreatedBy: x.CreatedBy}
		alert := models.Alert{Tone: whatsapp.ToneWarn, Title: old.Name + " was not repeated in time", Body: x.Skipped}
		about := models.About("notification", old.PublicID)
		if err := models.Audit(tx, a, "notification.skipped", about, old.Name+": "+x.Skipped); err != nil {
			return err
		}
		if err := tellAuthor(tx, author, alert); err != nil {
			return err
		}
	}
	if at == nil {
		tx.Publish("notifications", old.Topic())
		return notifications.SaveSchedule(tx, x)
	}
	problem, err := unsendable(tx, old)
	if err != nil {
		return err
	}
	if problem != "" {
		x.Problem = problem
		if err := notifications.SaveSchedule(tx, x); err != nil {
			return err
		}
		return models.AddAlert(tx, nil, models.Alert{
			Tone:  whatsapp.ToneBad,
			Title: old.Name + " was not sent this time",
			Body:  problem,
			Href:  "/notifications/" + old.PublicID,
		})
	}
	if err := s.occur(tx, a, x, occurrence{old, *at}); err != nil {
		return err
	}
	return notifications.SaveSchedule(tx, x)
}

// unsendable is why a notification's audience is not known, or its template can't be sent through its sender now, as a
// sentence; empty if it can.
func unsendable(tx *models.Tx, n *notifications.Notification) (string, error) {
	if refused, ok := errors.AsType[*models.Error](chosen(n)); ok {
		return refused.Message(), nil
	}
	sender, err := senders.SenderByIDForShare(tx, n.SenderID)
	if err != nil {
		return "", err
	}
	v, err := templates.VersionByID(tx, n.VersionID)
	if err != nil {
		return "", err
	}
	if refused, ok := errors.AsType[*models.Error](checkTemplate(sender, v, models.Admin)); ok {
		return refused.Message(), nil
	}
	return "", nil
}

// missed are the moments of a schedule that are due: the one to send now, nil if none is valid any more, and the
// skipped ones.
func missed(x *notifications.Schedule, validHours int, now time.Time) (send *time.Time, skipped []time.Time) {
	var due []time.Time
	for at := *x.NextAt; !at.After(now); at = x.After(at, x.CreatedAt) {
		due = append(due, at)
	}
	last := due[len(due)-1]
	if last.Add(time.Duration(validHours) * time.Hour).After(now) {
		return &last, due[:len(due)-1]
	}
	return nil, due
}

// skippedText says which moments a schedule skipped, in its own time zone.
func skippedText(x *notifications.Schedule, skipped []time.Time) string {
	show := func(t time.Time) string {
		if zone, ok := models.LoadZone(x.Zone); ok {
			t = t.In(zone)
		}
		return t.Format("2 Jan 2006, 15:04") + " (" + x.Zone + ")"
	}
	switch n := len(skipped); n {
	case 0:
		return ""
	case 1:
		return "Parley could not send it on " + show(skipped[0]) +
			". It was skipped: its time was over, or the next one took its place."
	default:
		return fmt.Sprintf("Parley could not send it %d times, from %s to %s. "+
			"They were skipped: their time was over, or a later one took their place.", n, show(skipped[0]), show(skipped[n-1]))
	}
}

// occurrence is one time that a pattern is repeated.
type occurrence struct {
	pattern *notifications.Notification
	at      time.Time
}

// occur creates the notification that a schedule sends: with the pattern's writers, for the scheduled time, and
// approved if the schedule is.
func (s *Service) occur(tx *models.Tx, a models.Actor, x *notifications.Schedule, o occurrence) error {
	old, at := o.pattern, o.at
	day := at
	if zone, ok := models.LoadZone(x.Zone); ok {
		day = at.In(zone)
	}
	n := &notifications.Notification{
		Name:        cutName(old.Name + ", " + day.Format("2 Jan 2006")),
		VersionID:   old.VersionID,
		SenderID:    old.SenderID,
		UseCase:     old.UseCase,
		State:       notifications.NotificationPreparing,
		Audience:    old.Audience,
		Fills:       old.Fills,
		Variables:   old.Variables,
		SendAt:      &at,
		QuietFrom:   old.QuietFrom,
		QuietTo:     old.QuietTo,
		Speed:       old.Speed,
		ValidHours:  old.ValidHours,
		StopPercent: old.StopPercent,
		Excluded:    map[whatsapp.Exclusion]int{},
		ApprovedBy:  x.ApprovedBy,
		Token:       fmt.Sprintf("schedule-%d-%d", x.ID, at.Unix()),
		BasedOn:     &old.ID,
		ScheduleID:  &x.ID,
		CreatedBy:   x.CreatedBy,
		Version:     1,
		CreatedAt:   tx.Now(),
		UpdatedAt:   tx.Now(),
	}
	until := n.End(at)
	n.ValidUntil = &until
	if _, err := notifications.AddNotification(tx, n); err != nil {
		return err
	}
	if err := notifications.CopyEditors(tx, old.ID, n.ID); err != nil {
		return err
	}
	if err := notifications.NoteEditor(tx, n, a, notifications.EditorRepeated); err != nil {
		return err
	}
	tx.Publish("notifications", "home")
	return models.Audit(
		tx,
		a,
		"notification.sent",
		models.About("notification", n.PublicID),
		n.Name+" was made by its schedule",
	)
}
