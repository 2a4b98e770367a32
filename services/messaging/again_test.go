package messaging

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/templates"
)

// What a form can request, and what can happen before it is sent again.
var (
	forms = map[string]func(c *chat, change string) error{
		"a reply": func(c *chat, change string) error {
			f := ReplyForm{Text: "Is {{phone}} right?\r\nPlease tell." + change, Token: "form"}
			return c.Reply(c.t.Context(), c.ana, c.id, f)
		},
		"a template": func(c *chat, change string) error {
			values := templates.Values{"1": " Noor" + change, "2": "{{phone}}", "3": "left over"}
			return c.SendTemplate(c.t.Context(), c.ana, models.Agent, TemplateForm{
				ConversationID: c.id,
				VersionID:      c.version,
				Values:         values,
				Token:          "form",
			})
		},
		"a scheduled reply": func(c *chat, change string) error {
			at := c.store.Now().Add(time.Second)
			return c.ScheduleReply(c.t.Context(), c.ana, c.id, ScheduledReplyForm{
				Text:  "Your {{phone}} is noted." + change,
				Token: "form",
				At:    at.Format(time.RFC3339Nano),
				Zone:  time.UTC,
			})
		},
	}
	happenings = map[string]string{
		"nothing":                 "SELECT 1",
		"the session closed":      "UPDATE conversations SET window_closes_at = now() - interval '1 minute'",
		"the person opted out":    "UPDATE contacts SET consent = 'opted_out'",
		"the contact was blocked": "UPDATE contacts SET blocked_at = now()",
		"the sender went offline": "UPDATE senders SET state = 'offline'",
		"the template was paused": "UPDATE template_versions SET state = 'paused' WHERE content_sid IS NOT NULL",
		"only its assignee answers now": `INSERT INTO settings (key, value) VALUES ('desk', '{"only_assignee": true}');
			UPDATE conversations SET assignee_id = (SELECT id FROM users WHERE name = 'Ben')`,
		"somebody else answered": `INSERT INTO messages
			(conversation_id, sender_id, address_id, direction, status, body, author_id, created_at, send_at)
			SELECT c.id, c.sender_id, c.address_id, 'outbound', 'queued', 'Yes.', u.id, now(), now()
			FROM conversations c, users u WHERE u.name = 'Ben'`,
	}
)

// A form that is sent again gets the same answer as the first time, even if things have changed since, and creates
// nothing twice. With another text it is refused.
func TestSentAgainAfter(t *testing.T) {
	t.Parallel()
	for what, send := range forms {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for happened, query := range happenings {
				c := newChat(t)
				if err := send(c, ""); err != nil {
					t.Fatal(err)
				}
				const made = "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM later_replies)"
				c.exec(query)
				n := c.count(made)
				if err := send(c, ""); err != nil {
					t.Errorf("%s: %v", happened, err)
				}
				if err := send(c, " changed"); err == nil || err.Error() != takenOtherwise().Error() {
					t.Errorf("%s, with another text: %v", happened, err)
				}
				if now := c.count(made); now != n {
					t.Errorf("%s: %d are made once more", happened, now-n)
				}
			}
		})
	}
}

// The time of a scheduled reply may have passed when its form is sent again; and a reply with a time is not the same as
// one that waits for the customer.
func TestScheduledAgain(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	at := c.store.Now().Add(200 * time.Millisecond)
	form := ScheduledReplyForm{
		Text:  "For later",
		Token: "form",
		At:    at.Format(time.RFC3339Nano),
		Zone:  time.UTC,
	}
	keep := func() error { return c.ScheduleReply(t.Context(), c.ana, c.id, form) }
	if err := keep(); err != nil {
		t.Fatal(err)
	}
	form.At = c.store.Now().Add(-time.Minute).Format(time.RFC3339Nano)
	if err := keep(); err != nil {
		t.Errorf("its time has passed: %v", err)
	}
	form.At = "reply"
	if err := keep(); models.KindOf(err) != models.KindConflict {
		t.Errorf("once they write: %v", err)
	}
	form.At, form.Token = at.Add(-time.Minute).Format(time.RFC3339Nano), "another"
	if err := keep(); models.KindOf(err) != models.KindInvalid {
		t.Errorf("another one in the past: %v", err)
	}
}

// A reply is not a note, even if the form's token belongs to one.
func TestReplyAfterNoteWithItsToken(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	if err := c.Note(t.Context(), c.ana, c.id, NoteForm{Text: "The same", Token: "form"}); err != nil {
		t.Fatal(err)
	}
	err := c.Reply(t.Context(), c.ana, c.id, ReplyForm{Text: "The same", Token: "form"})
	if models.KindOf(err) != models.KindConflict {
		t.Errorf("a reply that stands there as a note only: %v", err)
	}
	if err := c.Reply(t.Context(), c.ana, c.id, ReplyForm{Text: "Another", Token: "second"}); err != nil {
		t.Fatal(err)
	}
	err = c.Note(t.Context(), c.ana, c.id, NoteForm{Text: "Another", Token: "second"})
	if models.KindOf(err) != models.KindConflict {
		t.Errorf("a note that went out as a reply: %v", err)
	}
}

// A reply that quotes a message is recognized despite the quote before it.
func TestQuotingReplySentAgain(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.exec(`INSERT INTO messages
			(public_id, conversation_id, sender_id, address_id, direction, status, body, twilio_sid, created_at)
		SELECT '00000000000000aa', id, sender_id, address_id, 'inbound', 'received', 'When?',
			'SM00000000000000000000000000000001', now()
		FROM conversations`)
	for range 2 {
		f := ReplyForm{Text: "Call {{phone}} at nine.", Token: "form", Quote: "00000000000000aa"}
		if err := c.Reply(t.Context(), c.ana, c.id, f); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.count("SELECT count(*) FROM messages WHERE direction = 'outbound'"); n != 1 {
		t.Errorf("%d replies", n)
	}
}
