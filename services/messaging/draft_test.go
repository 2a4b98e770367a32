package messaging

import (
	"context"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/whatsapp"
)

// draft is what Ana's composer sends while she writes in a form.
func (c *chat) draft(mode, body, token string) inbox.Draft {
	c.t.Helper()
	conv, err := conversations.Read(c.store).ConversationByPublicID(c.t.Context(), c.id)
	if err != nil {
		c.t.Fatal(err)
	}
	return inbox.Draft{UserID: *c.ana.ID, ConversationID: conv.ID, Mode: mode, Body: body, Token: token}
}

func (c *chat) saves(d inbox.Draft) error { return inbox.SaveDraft(c.t.Context(), c.store, d) }

func (c *chat) drafted(mode string) string {
	c.t.Helper()
	d, err := inbox.Read(c.store).DraftOf(c.t.Context(), *c.ana.ID, c.draft(mode, "", "").ConversationID, mode)
	if err != nil {
		c.t.Fatal(err)
	}
	return d.Body
}

// A draft that arrives after its message is not stored, whatever became of the message; one for the next message is.
func TestDraftAfterItsMessage(t *testing.T) {
	t.Parallel()
	later := ScheduledReplyForm{Text: "Sent", Token: "form", At: "1h", Zone: time.UTC}
	asNote := later
	asNote.Draft = "note"
	for what, x := range map[string]struct {
		mode string
		send func(*chat) error
	}{
		"a reply": {"reply", func(c *chat) error {
			return c.Reply(c.t.Context(), c.ana, c.id, ReplyForm{Text: "Sent", Token: "form"})
		}},
		"a note": {"note", func(c *chat) error {
			return c.Note(c.t.Context(), c.ana, c.id, NoteForm{Text: "Sent", Token: "form"})
		}},
		"a scheduled reply": {"reply", func(c *chat) error {
			return c.ScheduleReply(c.t.Context(), c.ana, c.id, later)
		}},
		"a scheduled reply that was written as a note": {"note", func(c *chat) error {
			return c.ScheduleReply(c.t.Context(), c.ana, c.id, asNote)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			if err := c.saves(c.draft(x.mode, "Sen", "form")); err != nil || c.drafted(x.mode) != "Sen" {
				t.Fatalf("before: %q, %v", c.drafted(x.mode), err)
			}
			if err := x.send(c); err != nil {
				t.Fatal(err)
			}
			if got := c.drafted(x.mode); got != "" {
				t.Errorf("the message left the draft %q", got)
			}
			if err := c.saves(c.draft(x.mode, "Sent", "form")); models.KindOf(err) != models.KindConflict {
				t.Errorf("after its message: %v", err)
			}
			if got := c.drafted(x.mode); got != "" {
				t.Errorf("the sent text is offered again: %q", got)
			}
			if err := c.saves(c.draft(x.mode, "Next", "another form")); err != nil {
				t.Errorf("the next message's: %v", err)
			}
			if err := c.saves(c.draft(x.mode, " ", "form")); models.KindOf(err) != models.KindConflict {
				t.Errorf("an emptied one, after its message: %v", err)
			}
			if got := c.drafted(x.mode); got != "Next" {
				t.Errorf("the next message's draft is %q", got)
			}
			if err := x.send(c); err != nil || c.drafted(x.mode) != "Next" {
				t.Errorf("the form is sent once more, and the next message's draft is %q (%v)", c.drafted(x.mode), err)
			}
			if err := c.saves(c.draft(x.mode, " ", "another form")); err != nil || c.drafted(x.mode) != "" {
				t.Errorf("emptied, %q is left (%v)", c.drafted(x.mode), err)
			}
		})
	}
}

// A draft that arrives while its message is being taken waits for the outcome.
func TestDraftBesideItsMessage(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	d, saved := c.draft("reply", "Sent", "form"), make(chan error, 1)
	err := c.store.InTx(t.Context(), func(tx *models.Tx) error {
		conv, err := conversations.ConversationForUpdate(tx, c.id)
		if err != nil {
			return err
		}
		go func() { saved <- inbox.SaveDraft(t.Context(), c.store, d) }()
		const waiting = `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`
		for c.count(waiting) == 0 {
			select {
			case err := <-saved:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
		}
		_, err = conversations.AddMessage(tx, &conversations.Message{
			ConversationID: conv.ID,
			SenderID:       conv.SenderID,
			Direction:      whatsapp.InternalNote,
			Status:         whatsapp.Noted,
			Body:           "Sent",
			Token:          tokenOf("form"),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-saved; models.KindOf(err) != models.KindConflict || c.drafted("reply") != "" {
		t.Errorf("%v; the draft is %q", err, c.drafted("reply"))
	}
}

// Two statements store a draft: one waits for the conversation, one does the rest.
func TestDraftTakesTwoStatements(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	d, n := c.draft("reply", "Half", "form"), 0
	modelstest.CaptureSQL(c.store, func(context.Context, func() (string, int64)) { n++ })
	if err := c.saves(d); err != nil || n != 2 {
		t.Errorf("%d statements, %v", n, err)
	}
}
