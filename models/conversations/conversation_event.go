package conversations

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
)

// ConversationSnapshot is what people and rules decide about a conversation, and what undoing puts back.
type ConversationSnapshot struct {
	State        ConversationState `json:"state"`
	SnoozedUntil *time.Time        `json:"snoozed_until"`
	AssigneeID   *int64            `json:"assignee_id"`
	Labels       models.IDs        `json:"labels"`
	Priority     Priority          `json:"priority"`
	WaitingSince *time.Time        `json:"waiting_since"`
	FailedCount  int               `json:"failed_count"`
}

func (c *Conversation) snapshot() ConversationSnapshot {
	return ConversationSnapshot{
		State:        c.State,
		SnoozedUntil: c.SnoozedUntil,
		AssigneeID:   c.AssigneeID,
		Labels:       slices.Clone(c.Labels),
		Priority:     c.Priority,
		WaitingSince: c.WaitingSince,
		FailedCount:  c.FailedCount,
	}
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// ConversationEventKind is what happened to a conversation.
type ConversationEventKind string

// The kinds of events.
const (
	EventAssigned ConversationEventKind = "assigned"
	EventState    ConversationEventKind = "state"
	EventLabels   ConversationEventKind = "labels"
	EventPriority ConversationEventKind = "priority"
	EventRated    ConversationEventKind = "rated" // by the customer
	EventRule     ConversationEventKind = "rule"  // only in databases of earlier versions
)

// ConversationEventKinds are all kinds of events.
func ConversationEventKinds() []ConversationEventKind {
	return []ConversationEventKind{EventAssigned, EventState, EventLabels, EventPriority, EventRated, EventRule}
}

// ConversationEvent is something that happened to a conversation besides its messages.
type ConversationEvent struct {
	ID             int64
	ConversationID int64
	UserID         *int64
	User           *accounts.User
	Rule           string
	Kind           ConversationEventKind
	Summary        string
	Before, After  *ConversationSnapshot `gorm:"type:jsonb;serializer:json"`
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

// ChangeConversation applies change to a locked conversation, stores what changed as events and saves it. Without a
// difference nothing is written.
func ChangeConversation(tx *models.Tx, by By, c *Conversation, change func(*Conversation)) error {
	before := c.snapshot()
	change(c)
	assigned, err := assigned(tx, by, before, c)
	if err != nil {
		return err
	}
	after := c.snapshot()
	var events []ConversationEvent
	add := func(kind ConversationEventKind, summary string) {
		events = append(events, ConversationEvent{
			ConversationID: c.ID,
			UserID:         by.UserID,
			Rule:           by.Rule,
			Kind:           kind,
			Summary:        summary,
			Before:         &before,
			After:          &after,
			Batch:          by.Batch,
			CreatedAt:      tx.Now(),
		})
	}
	if assigned != "" {
		add(EventAssigned, assigned)
	}
	if before.State != after.State || !sameTime(before.SnoozedUntil, after.SnoozedUntil) {
		add(EventState, stateSummary(after))
	}
	if before.Priority != after.Priority {
		add(EventPriority, "set the priority to "+strings.ToLower(after.Priority.Name()))
	}
	if !slices.Equal(before.Labels, after.Labels) {
		summary, err := labelled(tx, before.Labels, after.Labels)
		if err != nil {
			return err
		}
		add(EventLabels, summary)
	}
	if len(events) == 0 {
		return nil
	}
	if after.State == ConversationResolved && before.State != ConversationResolved {
		c.ResolveBy, c.RespondBy = nil, nil
	}
	if err := base.DB(tx).Omit("User").Create(&events).Error; err != nil {
		return err
	}
	return SaveConversation(tx, c)
}

func stateSummary(s ConversationSnapshot) string {
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

// assigned says in words who got a conversation or lost it, empty if nobody did. A user who can't sign in any more gets
// none: an undone change may name them. It and a transaction that disables the user wait for each other.
func assigned(tx *models.Tx, by By, before ConversationSnapshot, c *Conversation) (string, error) {
	to := c.AssigneeID
	var u accounts.User
	if to != nil && !same(before.AssigneeID, to) {
		err := base.DB(tx).Clauses(clause.Locking{Strength: "KEY SHARE"}).Select("name", "disabled_at").Take(&u, *to).Error
		if err != nil {
			return "", err
		}
		if u.DisabledAt != nil {
			to, c.AssigneeID = nil, nil
		}
	}
	switch {
	case same(before.AssigneeID, to):
		return "", nil
	case to == nil:
		return "took the assignment away", nil
	case same(by.UserID, to):
		return "took it", nil
	}
	return "assigned it to " + u.Name, nil
}

// RemoveLabel removes a label that is deleted from all conversations.
func RemoveLabel(tx *models.Tx, labelID int64) error {
	return base.DB(tx).
		Exec("UPDATE conversations SET labels = array_remove(labels, ?) WHERE labels @> CAST(? AS bigint[])",
			labelID, models.IDs{labelID}.Text()).
		Error
}

func labelled(tx *models.Tx, before, after models.IDs) (string, error) {
	var rows []struct {
		ID   int64
		Name string
	}
	err := base.DB(tx).Raw("SELECT id, name FROM labels WHERE id IN ?", append(append([]int64{0}, before...), after...)).
		Scan(&rows).
		Error
	if err != nil {
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

// LatestDecision is the latest event of a kind in a conversation by a person, with the person; nil if there is none.
func LatestDecision(tx *models.Tx, conversationID int64, kind ConversationEventKind) (*ConversationEvent, error) {
	var out []ConversationEvent
	err := base.DB(tx).Joins("User").
		Where("conversation_id = ? AND kind = ? AND user_id IS NOT NULL AND after IS NOT NULL", conversationID, kind).
		Order("conversation_events.id DESC").Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

var releaseConversations = query("conversations_release")

// AddEvent records what happened in a conversation without a change of its own values.
func AddEvent(tx *models.Tx, e *ConversationEvent) error {
	return base.DB(tx).Omit("User").Create(e).Error
}

// ReleaseConversationsOf unassigns an assignee's conversations, in one statement for any number, and returns how many
// of them are open or snoozed; these get an event. Resolved ones are released as well, since they open again when the
// person writes. by is who caused it.
func ReleaseConversationsOf(tx *models.Tx, by By, userID int64, summary string) (int, error) {
	var ids []string
	err := base.DB(tx).Raw(releaseConversations, map[string]any{
		"user":    userID,
		"by":      by.UserID,
		"summary": summary,
		"now":     tx.Now(),
	}).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	topics := make([]string, 0, 2*len(ids)+1)
	for _, id := range ids {
		topics = append(topics, "conversation-"+id, RowTopic+id)
	}
	tx.Publish(append(topics, "home")...)
	return len(ids), nil
}

// EventPeriod says which events are read: of a period with or without an end, and at most N.
type EventPeriod struct {
	Since, Until time.Time
	N            int
}

// ConversationEvents are the events of a conversation in a period, oldest first; if there are too many, the latest.
func (r Reads) ConversationEvents(
	ctx context.Context,
	conversationID int64,
	t EventPeriod,
) ([]ConversationEvent, error) {
	var out []ConversationEvent
	q := r.read(ctx).
		Joins("User").
		Where("conversation_id = ? AND conversation_events.created_at >= ?", conversationID, t.Since)
	if !t.Until.IsZero() {
		q = q.Where("conversation_events.created_at < ?", t.Until)
	}
	err := q.Order("conversation_events.id DESC").Limit(t.N).Find(&out).Error
	slices.Reverse(out)
	return out, err
}

// Undo restores what a batch changed, where nothing changed since. It returns how many conversations were restored and
// how many had changed since and were left alone.
func Undo(tx *models.Tx, by By, batch string) (undone, left int, err error) {
	var events []ConversationEvent
	err = base.DB(tx).Where("batch = ? AND user_id = ? AND undone_at IS NULL", batch, by.UserID).
		Where("created_at > ?", tx.Now().Add(-time.Hour)).
		Order("conversation_id, id").
		Find(&events).
		Error
	if err != nil {
		return 0, 0, err
	}
	seen := map[int64]bool{}
	for _, e := range events {
		if seen[e.ConversationID] || e.Before == nil || e.After == nil {
			continue
		}
		seen[e.ConversationID] = true
		c, err := ConversationByIDForUpdate(tx, e.ConversationID)
		if models.KindOf(err) == models.KindNotFound {
			continue
		}
		if err != nil {
			return undone, left, err
		}
		now, was := c.snapshot(), *e.After
		if now.State != was.State || !sameTime(now.SnoozedUntil, was.SnoozedUntil) || !same(now.AssigneeID, was.AssigneeID) ||
			!slices.Equal(now.Labels, was.Labels) || now.Priority != was.Priority {
			left++
			continue
		}
		err = ChangeConversation(tx, by, c, func(c *Conversation) {
			b := e.Before
			c.State, c.SnoozedUntil, c.AssigneeID = b.State, b.SnoozedUntil, b.AssigneeID
			c.Labels, c.Priority = b.Labels, b.Priority
			c.WaitingSince, c.FailedCount = b.WaitingSince, b.FailedCount
		})
		if err != nil {
			return undone, left, err
		}
		undone++
	}
	err = base.DB(tx).Model(&ConversationEvent{}).
		Where("batch = ? AND user_id = ?", batch, by.UserID).
		Update("undone_at", tx.Now()).
		Error
	return undone, left, err
}
