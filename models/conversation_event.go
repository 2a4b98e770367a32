package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Standing is what people and rules decide about a conversation, and what undoing puts back.
type Standing struct {
	State        ConversationState `json:"state"`
	SnoozedUntil *time.Time        `json:"snoozed_until"`
	AssigneeID   *int64            `json:"assignee_id"`
	Labels       IDs               `json:"labels"`
	Priority     Priority          `json:"priority"`
	WaitingSince *time.Time        `json:"waiting_since"`
	FailedCount  int               `json:"failed_count"`
}

func (c *Conversation) standing() Standing {
	return Standing{State: c.State, SnoozedUntil: c.SnoozedUntil, AssigneeID: c.AssigneeID, Labels: slices.Clone(c.Labels), Priority: c.Priority,
		WaitingSince: c.WaitingSince, FailedCount: c.FailedCount}
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// ConversationEvent is something that happened to a conversation besides its messages.
type ConversationEvent struct {
	ID             int64
	ConversationID int64
	UserID         *int64
	User           *User
	Rule           string
	Kind           string // assigned, state, labels, priority, rated, rule
	Summary        string
	Before, After  *Standing `gorm:"type:jsonb;serializer:json"`
	Batch          string
	UndoneAt       *time.Time
	CreatedAt      time.Time
}

// By is who changes a conversation: a person, or a rule of the settings. Changes of one Batch are undone together.
type By struct {
	UserID *int64
	Rule   string
	Batch  string
}

// ChangeConversation lets change decide anew about a locked conversation, keeps what was decided as events and
// saves it. Without a difference nothing is written.
func (tx *Tx) ChangeConversation(by By, c *Conversation, change func(*Conversation)) error {
	before := c.standing()
	change(c)
	after := c.standing()
	var events []ConversationEvent
	add := func(kind, summary string) {
		events = append(events, ConversationEvent{ConversationID: c.ID, UserID: by.UserID, Rule: by.Rule, Kind: kind, Summary: summary, Before: &before, After: &after, Batch: by.Batch, CreatedAt: tx.now})
	}
	if !same(before.AssigneeID, after.AssigneeID) {
		summary, err := tx.assigned(by, after.AssigneeID)
		if err != nil {
			return err
		}
		add("assigned", summary)
	}
	if before.State != after.State || !sameTime(before.SnoozedUntil, after.SnoozedUntil) {
		add("state", stateSummary(after))
	}
	if before.Priority != after.Priority {
		add("priority", "set the priority to "+strings.ToLower(after.Priority.Name()))
	}
	if !slices.Equal(before.Labels, after.Labels) {
		summary, err := tx.labelled(before.Labels, after.Labels)
		if err != nil {
			return err
		}
		add("labels", summary)
	}
	if len(events) == 0 {
		return nil
	}
	if after.State == ConversationResolved && before.State != ConversationResolved {
		c.ResolveBy, c.RespondBy = nil, nil
	}
	return errors.Join(tx.Omit("User").Create(&events).Error, tx.SaveConversation(c))
}

func stateSummary(s Standing) string {
	switch {
	case s.State == ConversationSnoozed && s.SnoozedUntil != nil:
		return "snoozed it until " + s.SnoozedUntil.UTC().Format("2 Jan, 15:04 UTC")
	case s.State == ConversationSnoozed:
		return "snoozed it until they write"
	case s.State == ConversationResolved:
		return "resolved it"
	}
	return "opened it again"
}

func (tx *Tx) assigned(by By, to *int64) (string, error) {
	switch {
	case to == nil:
		return "took the assignment away", nil
	case by.UserID != nil && *by.UserID == *to:
		return "took it", nil
	}
	var name string
	err := tx.Raw("SELECT name FROM users WHERE id = ?", *to).Scan(&name).Error
	return "assigned it to " + name, err
}

func (tx *Tx) labelled(before, after IDs) (string, error) {
	var rows []Label
	if err := tx.Where("id IN ?", append(append([]int64{0}, before...), after...)).Find(&rows).Error; err != nil {
		return "", err
	}
	var out []string
	for _, l := range rows {
		was, is := slices.Contains(before, l.ID), slices.Contains(after, l.ID)
		if is && !was {
			out = append(out, "added "+l.Name)
		} else if was && !is {
			out = append(out, "took off "+l.Name)
		}
	}
	return strings.Join(out, ", "), nil
}

// AddConversationEvent notes what a rule did, or that a person rated.
func (tx *Tx) AddConversationEvent(by By, c *Conversation, kind, summary string) error {
	e := ConversationEvent{ConversationID: c.ID, UserID: by.UserID, Rule: by.Rule, Kind: kind, Summary: summary, Batch: by.Batch, CreatedAt: tx.now}
	return errors.Join(tx.Omit("User").Create(&e).Error, tx.Tell(c.Topic()))
}

// ConversationEvents are what happened to a conversation between two moments, oldest first, at most n of the latest.
func (s *Store) ConversationEvents(ctx context.Context, conversationID int64, since, until time.Time, n int) ([]ConversationEvent, error) {
	var out []ConversationEvent
	q := s.read(ctx).Joins("User").Where("conversation_id = ? AND conversation_events.created_at >= ?", conversationID, since)
	if !until.IsZero() {
		q = q.Where("conversation_events.created_at < ?", until)
	}
	err := q.Order("conversation_events.id DESC").Limit(n).Find(&out).Error
	slices.Reverse(out)
	return out, err
}

// Undo puts back what a batch changed, where it still stands as the batch left it. It returns how many
// conversations were put back and how many had changed since and were left alone.
func (tx *Tx) Undo(by By, batch string) (undone, left int, err error) {
	var events []ConversationEvent
	err = tx.Where("batch = ? AND undone_at IS NULL AND user_id = ? AND created_at > ?", batch, by.UserID, tx.now.Add(-time.Hour)).Order("conversation_id, id").Find(&events).Error
	if err != nil {
		return 0, 0, err
	}
	seen := map[int64]bool{}
	for _, e := range events {
		if seen[e.ConversationID] || e.Before == nil || e.After == nil {
			continue
		}
		seen[e.ConversationID] = true
		c, err := tx.ConversationByIDForUpdate(e.ConversationID)
		if KindOf(err) == KindNotFound {
			continue
		}
		if err != nil {
			return undone, left, err
		}
		now, was := c.standing(), *e.After
		if now.State != was.State || !sameTime(now.SnoozedUntil, was.SnoozedUntil) || !same(now.AssigneeID, was.AssigneeID) || !slices.Equal(now.Labels, was.Labels) || now.Priority != was.Priority {
			left++
			continue
		}
		err = tx.ChangeConversation(by, c, func(c *Conversation) {
			b := e.Before
			c.State, c.SnoozedUntil, c.AssigneeID, c.Labels, c.Priority = b.State, b.SnoozedUntil, b.AssigneeID, b.Labels, b.Priority
			c.WaitingSince, c.FailedCount = b.WaitingSince, b.FailedCount
		})
		if err != nil {
			return undone, left, err
		}
		undone++
	}
	return undone, left, tx.Model(&ConversationEvent{}).Where("batch = ? AND user_id = ?", batch, by.UserID).Update("undone_at", tx.now).Error
}
