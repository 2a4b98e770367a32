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

// ScheduledReplyForm is a reply for later: at a time, or once the person writes again.
type ScheduledReplyForm struct {
	Text, Token, Quote string
	Draft              string // "note" if it was written as a note: that draft is removed, too
	At                 string // as SnoozeUntil reads it; with "reply" it waits until the person writes
	Zone               *time.Location
}

// draftMode is the mode of the draft that the form was written in: a note, if the session closed meanwhile.
func (f ScheduledReplyForm) draftMode() string {
	if f.Draft == "note" {
		return "note"
	}
	return "reply"
}

// ScheduleReply stores a reply for later. Whether it may be sent is checked again when its time comes. Refusals name
// body or at.
func (s *Service) ScheduleReply(
	ctx context.Context,
	a models.Actor,
	conversationID string,
	f ScheduledReplyForm,
) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, conversationID)
		if err != nil {
			return err
		}
		again, err := keptBefore(tx, c, f)
		if err != nil {
			return err
		}
		if again {
			return dropSentDraft(tx, a, c, inbox.Draft{Mode: f.draftMode(), Body: f.Text})
		}
		if err := s.keep(tx, a, c, f); err != nil {
			return err
		}
		if f.draftMode() == "note" {
			if err := inbox.DropDraft(tx, a.ID, c.ID, "note"); err != nil {
				return err
			}
		}
		return inbox.DropDraft(tx, a.ID, c.ID, "reply")
	})
}

func (s *Service) keep(tx *models.Tx, a models.Actor, c *conversations.Conversation, f ScheduledReplyForm) error {
	text := clean(f.Text)
	if err := checkBody("body", text, whatsapp.MaxBody); err != nil {
		return err
	}
	at, err := SnoozeUntil(f.At, tx.Now(), f.Zone)
	if err != nil {
		return models.InvalidBecause("at", err)
	}
	if err := s.mayAnswer(tx, a, c); err != nil {
		return err
	}
	if err := reachable(tx, c, false); err != nil {
		return err
	}
	if at == nil && c.WindowOpen(tx.Now()) {
		return models.Invalid("at", "reply.session_open")
	}
	l := inbox.ScheduledReply{
		AuthorID: *a.ID,
		Body:     text,
		QuoteSid: f.Quote,
		SendAt:   at,
		Token:    f.Token,
	}
	if added, err := inbox.AddScheduledReply(tx, c, &l); err != nil {
		return err
	} else if !added && l.Body != text {
		return takenOtherwise()
	}
	return nil
}

// scheduledReplyDecision is a user's decision about a scheduled reply: the audit action, the word for it, and the
// function that does it.
type scheduledReplyDecision struct {
	action, word string
	do           func(*models.Tx, *conversations.Conversation, *inbox.ScheduledReply) error
}

// decideScheduledReply carries out a decision if the actor a may make it. It returns the conversation's public id, also
// with a refusal.
func (s *Service) decideScheduledReply(
	ctx context.Context, a models.Actor, id string, d scheduledReplyDecision,
) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		l, c, err := inbox.ScheduledReplyForUpdate(tx, id)
		if err != nil {
			return err
		}
		conversationID = c.PublicID
		if err := mayDecideScheduledReply(tx, a, c, l); err != nil {
			return err
		}
		if err := d.do(tx, c, l); err != nil {
			return err
		}
		return models.Audit(
			tx,
			a,
			d.action,
			models.About("conversation", c.PublicID).With(map[string]any{"reply": l.PublicID, "author": l.Author.PublicID}),
			"A scheduled reply of "+l.Author.Name+" was "+d.word,
		)
	})
	return conversationID, err
}

// CancelScheduledReply cancels a reply before it is sent. It returns the text and the conversation's public id, so that
// the user can continue writing it.
func (s *Service) CancelScheduledReply(
	ctx context.Context,
	a models.Actor,
	id string,
) (text, conversationID string, err error) {
	conversationID, err = s.decideScheduledReply(ctx, a, id, scheduledReplyDecision{
		action: "reply.scheduled_canceled",
		word:   "canceled",
		do: func(tx *models.Tx, c *conversations.Conversation, l *inbox.ScheduledReply) error {
			text, l.State = l.Body, inbox.ReplyCanceled
			return inbox.SaveScheduledReply(tx, c, l)
		},
	})
	return text, conversationID, err
}

// SendScheduledReply sends a reply now: one that is ready, was refused, or whose time is still to come.
func (s *Service) SendScheduledReply(
	ctx context.Context,
	a models.Actor,
	id string,
) (conversationID string, err error) {
	return s.decideScheduledReply(ctx, a, id, scheduledReplyDecision{
		action: "reply.scheduled_sent",
		word:   "sent now",
		do: func(tx *models.Tx, c *conversations.Conversation, l *inbox.ScheduledReply) error {
			return s.release(tx, a, c, l)
		},
	})
}

// mayDecideScheduledReply refuses to send or cancel a scheduled reply that was sent, and another user's reply if the
// actor may not reply in the chat.
func mayDecideScheduledReply(
	tx *models.Tx,
	a models.Actor,
	c *conversations.Conversation,
	l *inbox.ScheduledReply,
) error {
	switch {
	case l.State == inbox.ReplySent:
		return models.Conflict("reply.left_already")
	case l.State == inbox.ReplyCanceled:
		return models.Conflict("reply.taken_back")
	case a.ID != nil && *a.ID == l.AuthorID:
		return nil
	}
	others, err := answeredByOthers(tx, a, c)
	if err != nil || !others {
		return err
	}
	return models.Conflict("reply.assignee_decides", "Name", l.Author.Name)
}

// release turns a waiting reply into a message of its author, after all the checks that a new reply of a would have to
// pass.
func (s *Service) release(tx *models.Tx, a models.Actor, c *conversations.Conversation, l *inbox.ScheduledReply) error {
	err := s.write(tx, a, c, ReplyForm{
		Text:   l.Body,
		Token:  "later-" + l.PublicID,
		Quote:  l.QuoteSid,
		Anyway: true,
		Author: &l.AuthorID,
	})
	if err != nil {
		return err
	}
	m, err := conversations.MessageByToken(tx, "later-"+l.PublicID)
	if err != nil {
		return err
	}
	l.State, l.MessageID, l.Problem = inbox.ReplySent, &m.ID, ""
	return inbox.SaveScheduledReply(tx, c, l)
}

// SendDueScheduledReplies sends the replies whose time has come. One that may not be sent any more stays, with the
// reason, and its author is alerted.
func (s *Service) SendDueScheduledReplies(ctx context.Context) error {
	ids, err := inbox.Read(s.store).DueScheduledReplies(ctx, 200)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			l, c, err := inbox.ScheduledReplyForUpdate(tx, id)
			if err != nil || l.State != inbox.ReplyWaiting {
				return err
			}
			return s.release(tx, models.Actor{ID: &l.AuthorID, Name: l.Author.Name}, c, l)
		})
		if models.KindOf(err) != "" {
			err = s.refuseScheduledReply(ctx, id, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) refuseScheduledReply(ctx context.Context, id string, cause error) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		l, c, err := inbox.ScheduledReplyForUpdate(tx, id)
		if err != nil || l.State != inbox.ReplyWaiting {
			return err
		}
		l.State, l.Problem = inbox.ReplyRefused, sentence(cause)
		if err := models.AddAlert(
			tx,
			[]int64{l.AuthorID},
			models.Alert{
				Tone:  whatsapp.ToneBad,
				Title: "Your scheduled reply to " + c.Contact.Title() + " did not leave",
				Body:  l.Problem,
				Href:  "/inbox/" + c.PublicID,
			},
		); err != nil {
			return err
		}
		return inbox.SaveScheduledReply(tx, c, l)
	})
}

// sentence is a refusal's own sentence.
func sentence(err error) string {
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Message()
	}
	return err.Error()
}
