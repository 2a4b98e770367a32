package messaging

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"parley/models"
)

// Change is what is to be decided about conversations; what is nil or empty stays as it is.
type Change struct {
	Assign   *string // a user's public id, "me", "next" (by round robin), or "" for nobody
	State    models.ConversationState
	Snooze   string   // with State snoozed: see SnoozeUntil
	Add      []string // labels' public ids
	Remove   []string
	Priority *models.Priority
	Unread   bool
	ByKey    bool // by a key and not by a click: see undoesAnother
}

// Changed is what came of it. Batch undoes it.
type Changed struct {
	Batch string
	N     int
}

// MostAtOnce is how many conversations are changed in one go.
const MostAtOnce = 500

// ChangeConversations decides about conversations, all or none of them. It refuses unknown labels and users, and a
// time of waking that is past (field snooze).
func (s *Service) ChangeConversations(ctx context.Context, a models.Actor, ids []string, want Change) (Changed, error) {
	out := Changed{Batch: rand.Text()}
	slices.Sort(ids) // everybody locks in the same order
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		return out, models.Conflict("Choose a conversation first.")
	case len(ids) > MostAtOnce:
		return out, models.Conflict("At most 500 conversations are changed at once: choose fewer.")
	}
	err := models.Retry(func() error {
		out.N = 0
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			apply, err := s.prepare(tx, a, want)
			if err != nil {
				return err
			}
			for _, id := range ids {
				c, err := tx.ConversationForUpdate(id)
				if err != nil {
					return err
				}
				if err := apply(c, models.By{UserID: a.ID, Batch: out.Batch}); err != nil {
					return err
				}
				out.N++
			}
			return nil
		})
	})
	return out, err
}

// prepare looks up what a change names, once, and returns what it does to each conversation.
func (s *Service) prepare(
	tx *models.Tx,
	a models.Actor,
	want Change,
) (func(*models.Conversation, models.By) error, error) {
	add, err := tx.LabelsByPublicID(want.Add)
	if err != nil {
		return nil, err
	}
	remove, err := tx.LabelsByPublicID(want.Remove)
	if err != nil {
		return nil, err
	}
	desk, err := tx.InboxSettings()
	if err != nil {
		return nil, err
	}
	zone, ok := models.LoadZone(desk.Hours.Zone) // a macro's tomorrow is the business's
	if !ok {
		zone = time.UTC
	}
	until, err := SnoozeUntil(want.Snooze, tx.Now(), zone)
	if want.State == models.ConversationSnoozed && err != nil {
		return nil, err
	}
	if !slices.Contains(
		[]models.ConversationState{"", models.ConversationOpen, models.ConversationSnoozed, models.ConversationResolved},
		want.State,
	) {
		return nil, models.Invalid("state", "Choose open, snoozed or resolved.")
	}
	if want.Priority != nil && !slices.Contains(models.Priorities(), *want.Priority) {
		return nil, models.Invalid("priority", "Choose low, normal, high or urgent.")
	}
	assign, err := s.assignee(tx, a, want.Assign, desk)
	if err != nil {
		return nil, err
	}
	return func(c *models.Conversation, by models.By) error {
		if err := undoesAnother(tx, c, by, want); err != nil {
			return err
		}
		to := c.AssigneeID
		if want.Assign != nil {
			if to, err = assign(); err != nil {
				return err
			}
		}
		resolved := want.State == models.ConversationResolved && c.State != models.ConversationResolved
		if to != nil && !same(to, c.AssigneeID) && !same(to, by.UserID) {
			alert := models.Alert{
				Tone:  "good",
				Title: a.Name + " assigned you a chat",
				Body:  c.Contact.Title() + ": " + c.LastLine,
				Href:  "/inbox/" + c.PublicID,
			}
			if err := tx.Alert([]int64{*to}, alert); err != nil {
				return err
			}
		}
		err := tx.ChangeConversation(by, c, func(c *models.Conversation) {
			c.AssigneeID = to
			c.Labels = labelled(c.Labels, add, remove)
			if want.Priority != nil {
				c.Priority = *want.Priority
			}
			move(tx.Now(), c, want.State, until)
		})
		if err != nil {
			return err
		}
		if want.Unread {
			if err := tx.UnreadConversation(c); err != nil {
				return err
			}
		}
		if resolved {
			return s.askRating(tx, c, desk, by.UserID)
		}
		return nil
	}, nil
}

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// move takes a conversation to a state.
func move(now time.Time, c *models.Conversation, state models.ConversationState, until *time.Time) {
	switch state {
	case models.ConversationResolved:
		c.WaitingSince, c.FailedCount, c.UnreadCount = nil, 0, 0
	case models.ConversationOpen:
		if c.State == models.ConversationResolved {
			c.OpenedAt = &now
		}
	case models.ConversationSnoozed:
	default:
		return
	}
	c.State, c.SnoozedUntil = state, nil
	if state == models.ConversationSnoozed {
		c.SnoozedUntil = until
	}
}

func labelled(now, add, remove models.IDs) models.IDs {
	out := slices.Clone(now)
	for _, l := range add {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	out = slices.DeleteFunc(out, func(l int64) bool { return slices.Contains(remove, l) })
	slices.Sort(out)
	return out
}

// assignee returns who gets each conversation.
func (s *Service) assignee(
	tx *models.Tx,
	a models.Actor,
	want *string,
	desk models.InboxSettings,
) (func() (*int64, error), error) {
	nobody := func() (*int64, error) { return nil, nil }
	switch {
	case want == nil || *want == "":
		return nobody, nil
	case *want == "me":
		return func() (*int64, error) { return a.ID, nil }, nil
	case *want == "next":
		return func() (*int64, error) {
			id, err := tx.NextAgent(desk.AssignLimit)
			if err == nil && id == 0 {
				err = models.Conflict("Nobody is present and available with room for another chat: choose somebody by name.")
			}
			return &id, err
		}, nil
	}
	u, err := tx.UserForUpdate(*want)
	if err != nil {
		return nil, err
	}
	if u.DisabledAt != nil {
		return nil, models.Conflict(u.Name + " can't sign in any more: choose somebody else.")
	}
	return func() (*int64, error) { return &u.ID, nil }, nil
}

// untilReply is how long something waits that waits until the person writes.
const untilReply = "reply"

// SnoozeUntil reads how long a conversation sleeps: "reply" until the person writes, a duration such as 4h,
// "tomorrow" and "monday" for 9 o'clock in zone, or a time (RFC 3339, or 2006-01-02T15:04 in zone). It refuses what
// is past or more than a year away (field snooze).
func SnoozeUntil(word string, now time.Time, zone *time.Location) (*time.Time, error) {
	var t time.Time
	local := now.In(zone)
	morning := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 9, 0, 0, 0, zone)
	}
	switch word = strings.TrimSpace(word); word {
	case untilReply:
		return nil, nil
	case "tomorrow":
		t = morning(1)
	case "monday":
		t = morning((7+int(time.Monday)-int(local.Weekday())-1)%7 + 1)
	default:
		d, err := time.ParseDuration(word)
		if err == nil {
			t = now.Add(d)
			break
		}
		if t, err = time.Parse(time.RFC3339, word); err != nil {
			if t, err = models.ReadLocal(word, zone, nil); err != nil {
				return nil, models.InvalidBecause("snooze", err)
			}
		}
	}
	if !t.After(now) || t.After(now.AddDate(1, 0, 0)) {
		return nil, models.Invalid("snooze", "Choose a time that is to come, within a year.")
	}
	t = t.UTC()
	return &t, nil
}

// Undo puts back what a batch changed, within the hour and where nobody has changed it since.
func (s *Service) Undo(ctx context.Context, a models.Actor, batch string) (undone, left int, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		undone, left, err = tx.Undo(models.By{UserID: a.ID, Rule: "undo"}, batch)
		return err
	})
	if err == nil && undone == 0 && left == 0 {
		err = models.Conflict("There is nothing left to undo here.")
	}
	return undone, left, err
}

// Converse finds or begins the conversation of a contact with a sender.
func (s *Service) Converse(ctx context.Context, contactID string, sender *models.Sender) (*models.Conversation, error) {
	var c *models.Conversation
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		contact, err := tx.ContactForUpdate(contactID)
		if err != nil {
			return err
		}
		c, err = tx.ConversationWith(contact, sender)
		return err
	})
	return c, err
}

// RunMacro does a macro's actions in one conversation: its reply and note first, then what it decides.
func (s *Service) RunMacro(
	ctx context.Context,
	u *models.User,
	a models.Actor,
	conversationID, macroID, token string,
) (Changed, error) {
	out := Changed{Batch: rand.Text(), N: 1}
	m, err := s.store.MacroByPublicID(ctx, macroID)
	if err != nil {
		return out, err
	}
	do := m.Actions
	want := Change{
		State:    models.ConversationState(do.State),
		Snooze:   do.Snooze,
		Add:      do.Add,
		Remove:   do.Remove,
		Priority: do.Priority,
	}
	if do.Assign != "" {
		to := do.Assign
		if to == "nobody" {
			to = ""
		}
		want.Assign = &to
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		if do.Reply != "" {
			text := Fill(do.Reply, c.Contact, u)
			if gap := Unfilled(text); gap != "" {
				return models.Conflict("Nothing is known for " + gap + " here, so “" + m.Name + "” was not run.")
			}
			if err := s.write(tx, a, c, ReplyForm{Text: text, Token: "macro-" + token, Anyway: true}); err != nil {
				return err
			}
		}
		if do.Note != "" {
			if err := s.keepNote(tx, a, c, Fill(do.Note, c.Contact, u), "macro-note-"+token); err != nil {
				return err
			}
		}
		apply, err := s.prepare(tx, a, want)
		return errors.Join(err, func() error {
			if err != nil {
				return nil
			}
			return apply(c, models.By{UserID: a.ID, Batch: out.Batch})
		}())
	})
	return out, err
}
