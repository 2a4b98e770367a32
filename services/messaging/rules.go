package messaging

import (
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// RunDueRules applies the time-based rules: scheduled replies, snoozed conversations, assignments, nudges, overdue
// targets, sessions about to close, and conversations without a message for days. It is called every few seconds, by
// one instance at a time; each conversation is a transaction of its own.
func (s *Service) RunDueRules(ctx context.Context) error {
	desk, err := conversations.Read(s.store).InboxSettings(ctx)
	if err != nil {
		return err
	}
	now := s.store.Now()
	errs := []error{
		s.SendDueScheduledReplies(ctx),
		s.each(
			ctx,
			inbox.Read(s.store).ToWake,
			func(tx *models.Tx, c *conversations.Conversation) error { return wake(tx, c) },
		),
	}
	if desk.Assign {
		errs = append(
			errs,
			s.each(
				ctx,
				inbox.Read(s.store).ToAssign,
				func(tx *models.Tx, c *conversations.Conversation) error { return s.assignByRule(tx, c, desk) },
			),
		)
	}
	if desk.Nudge.Says() != "" {
		list := func(ctx context.Context) ([]string, error) {
			return inbox.Read(s.store).ToNudge(ctx, now.Add(time.Duration(desk.NudgeMin)*time.Minute))
		}
		errs = append(
			errs,
			s.each(ctx, list, func(tx *models.Tx, c *conversations.Conversation) error { return s.nudge(tx, c, desk) }),
		)
	}
	if desk.ResolveDays > 0 {
		list := func(ctx context.Context) ([]string, error) {
			return inbox.Read(s.store).Idle(ctx, now.AddDate(0, 0, -desk.ResolveDays))
		}
		errs = append(errs, s.each(ctx, list, func(tx *models.Tx, c *conversations.Conversation) error {
			if c.WaitingSince != nil || c.LastMessageAt == nil || c.LastMessageAt.After(now.AddDate(0, 0, -desk.ResolveDays)) {
				return nil
			}
			return conversations.ChangeConversation(
				tx,
				conversations.By{Rule: "idle"},
				c,
				func(c *conversations.Conversation) { move(tx.Now(), c, conversations.ConversationResolved, nil) },
			)
		}))
	}
	late := func(ctx context.Context) ([]string, error) {
		return inbox.Read(s.store).Overdue(ctx, now.Add(time.Duration(desk.AlertMin)*time.Minute), desk.AlertMin > 0)
	}
	errs = append(
		errs,
		s.each(ctx, late, func(tx *models.Tx, c *conversations.Conversation) error { return alertOverdue(tx, c, desk) }),
		inbox.SumInboxSteps(ctx, s.store),
	)
	return errors.Join(errs...)
}

// each does something with every conversation of a list, each in a transaction of its own. A failure of one does not
// hold up the others.
func (s *Service) each(
	ctx context.Context,
	list func(context.Context) ([]string, error),
	do func(*models.Tx, *conversations.Conversation) error,
) error {
	ids, err := list(ctx)
	for _, id := range ids {
		e := s.store.InTx(ctx, func(tx *models.Tx) error {
			c, err := conversations.ConversationForUpdate(tx, id)
			if err != nil {
				return err
			}
			return do(tx, c)
		})
		if e != nil {
			s.log.Warn("a rule could not do its work", "conversation", id, "error", e)
			err = errors.Join(err, e)
		}
	}
	return err
}

func wake(tx *models.Tx, c *conversations.Conversation) error {
	if c.State != conversations.ConversationSnoozed || c.SnoozedUntil == nil || c.SnoozedUntil.After(tx.Now()) {
		return nil
	}
	err := conversations.ChangeConversation(
		tx,
		conversations.By{Rule: "woke"},
		c,
		func(c *conversations.Conversation) { c.State, c.SnoozedUntil = conversations.ConversationOpen, nil },
	)
	if err != nil || c.AssigneeID == nil {
		return err
	}
	if err := conversations.UnreadConversation(tx, c); err != nil {
		return err
	}
	return models.AddAlert(
		tx,
		[]int64{*c.AssigneeID},
		models.Alert{
			Tone:  whatsapp.ToneGood,
			Title: "Snoozed until now: " + c.Contact.Title(),
			Body:  c.LastLine,
			Href:  "/inbox/" + c.PublicID,
		},
	)
}

// nudge asks a person who got a reply whether there is anything else, before the session closes; once a session.
func (s *Service) nudge(tx *models.Tx, c *conversations.Conversation, desk conversations.InboxSettings) error {
	now := tx.Now()
	fresh := c.NudgedAt == nil || c.WindowBeganAt == nil || c.NudgedAt.Before(*c.WindowBeganAt)
	if !fresh || c.WaitingSince != nil || c.State != conversations.ConversationOpen || !c.WindowOpen(now) {
		return nil
	}
	c.NudgedAt = &now
	if err := s.auto(tx, c, "nudge", desk.Nudge.Text); err != nil {
		return err
	}
	return conversations.SaveConversation(tx, c)
}

// alertOverdue alerts the assignee once that a first reply is late, or that a session is about to close unanswered.
func alertOverdue(tx *models.Tx, c *conversations.Conversation, desk conversations.InboxSettings) error {
	now := tx.Now()
	if c.OverdueToldAt != nil || c.State != conversations.ConversationOpen || c.WaitingSince == nil {
		return nil
	}
	title := ""
	switch {
	case c.RespondBy != nil && !c.RespondBy.After(now):
		title = "The first reply to " + c.Contact.Title() + " is late"
	case desk.AlertMin > 0 && c.WindowOpen(now) && c.WindowClosesAt.Sub(now) <= time.Duration(desk.AlertMin)*time.Minute:
		title = "The session with " + c.Contact.Title() + " closes soon"
	default:
		return nil
	}
	c.OverdueToldAt = &now
	if err := conversations.SaveConversation(tx, c); err != nil {
		return err
	}
	var users []int64
	if c.AssigneeID != nil {
		users = []int64{*c.AssigneeID}
	}
	return models.AddAlert(
		tx,
		users,
		models.Alert{Tone: whatsapp.ToneWarn, Title: title, Body: c.LastLine, Href: "/inbox/" + c.PublicID},
	)
}
