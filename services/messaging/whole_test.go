package messaging_test

import (
	"net/url"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/services/servicetest"
	"parley/simulator"
)

const (
	noor        = "+4915112350109"
	outboundSid = "SM77777777777777777777777777777777"
)

// Whichever statement fails, a message is queued with all that belongs to it, or not at all.
func TestSendingIsWhole(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, prepare := range map[string]func(w *servicetest.World, s *messaging.Service, chat string) func() error{
		"a reply": func(w *servicetest.World, s *messaging.Service, chat string) func() error {
			ana := w.Actor("Ana")
			return func() error { return s.Reply(ctx, ana, chat, messaging.ReplyForm{Text: "Yes.", Token: "form"}) }
		},
		"a template": func(w *servicetest.World, s *messaging.Service, chat string) func() error {
			ana, form := w.Actor("Ana"), messaging.TemplateForm{
				ConversationID: chat,
				VersionID:      w.Template("visit_near"),
				Values:         templates.Values{"1": "Noor"},
				Token:          "form",
			}
			return func() error { return s.SendTemplate(ctx, ana, models.Agent, form) }
		},
		"a scheduled reply": func(w *servicetest.World, s *messaging.Service, chat string) func() error {
			ana, form := w.Actor("Ana"), messaging.ScheduledReplyForm{
				Text:  "Until tomorrow.",
				Token: "form",
				At:    w.Store.Now().Add(time.Minute).Format(time.RFC3339Nano),
				Zone:  time.UTC,
			}
			return func() error { return s.ScheduleReply(ctx, ana, chat, form) }
		},
		"a note": func(w *servicetest.World, s *messaging.Service, chat string) func() error {
			ana := w.Actor("Ana")
			return func() error {
				return s.Note(ctx, ana, chat, messaging.NoteForm{Text: "She called, @Otto.", Token: "form"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servicetest.WholeOrNothing(t, func(w *servicetest.World) func() error {
				return prepare(w, messaging.New(w.Store, w.Log), w.Contact("Noor", noor))
			})
		})
	}
}

// A webhook is stored with all its effects or with none, but for the receipt that says that it wasn't: Twilio sends it
// again.
func TestIntakeIsWhole(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{
		"a text":        inboundForm("Hello"),
		"an opt-out":    inboundForm("STOP"),
		"a first text":  with(inboundForm("Hello"), "From", "whatsapp:+4915112350110"),
		"a late status": with(url.Values{}, "MessageSid", outboundSid, "MessageStatus", "delivered"),
		"a picture": with(
			inboundForm(""),
			"NumMedia", "1", "MediaUrl0", "https://x/1", "MediaContentType0", "image/png",
		),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := receipts.MessageReceipt
			if form.Has("MessageStatus") {
				kind = receipts.StatusReceipt
			}
			servicetest.WholeOrNothing(t, func(w *servicetest.World) func() error {
				w.Contact("Noor", noor)
				w.Exec(`INSERT INTO messages
						(conversation_id, sender_id, address_id, direction, status, body, twilio_sid, send_at, created_at)
					SELECT id, sender_id, address_id, 'outbound', 'sent', 'Hi.', $1, now(), now() FROM conversations`,
					outboundSid)
				s := messaging.New(w.Store, w.Log)
				d := messaging.Delivery{Body: []byte(form.Encode()), Form: form, RequestID: "a", TokenNo: 1}
				return func() error { return s.Take(t.Context(), kind, d) }
			}, "Could not be stored", ",delivered_in,")
		})
	}
}

func inboundForm(body string) url.Values {
	return url.Values{
		"MessageSid": {"SM11111111111111111111111111111111"},
		"From":       {"whatsapp:" + noor},
		"To":         {"whatsapp:" + simulator.BusinessPhone},
		"Body":       {body},
		"NumMedia":   {"0"},
	}
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}
