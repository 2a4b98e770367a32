package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/services/messaging"
	"parley/whatsapp"
)

type line struct {
	from string // phone, or "" for our reply
	text string
	what string // picture, location
}

// person is a customer with a phone, who writes to the sandbox or to the business.
type person struct{ phone, name, with string }

var customers = []person{
	{"+4915123456789", "Noor Haddad", "sandbox"},
	{"+34600123456", "Zoë Martín", "sandbox"},
	{"+447700900123", "Tunde Bakare", "business"},
	{"+972501234567", "נועה לוי", "business"},
}

func (d *Demo) chats(ctx context.Context, a models.Actor) error {
	script := map[string][]line{
		"+4915123456789": {
			{from: "x", text: "join calm-harbor"},
			{from: "x", text: "Hello, can I move my appointment on Friday to the afternoon?"},
		},
		"+34600123456": {
			{from: "x", text: "join calm-harbor"},
			{from: "x", text: "Good morning! Do I need to come *fasting* for the blood test?"},
			{text: "Good morning Zoë! Yes, please don't eat for eight hours before. Water is fine."},
			{from: "x", text: "Perfect, thank you 🙏"},
		},
		"+447700900123": {
			{from: "x", text: "Is this the right building?"},
			{from: "x", what: "picture"},
			{text: "Yes, that is us. The entrance is on the left."},
		},
		"+972501234567": {{from: "x", text: "שלום, אפשר לקבל את תוצאות הבדיקה?"}, {from: "x", what: "location"}},
	}
	for _, p := range customers {
		if err := d.post(ctx, "/phones", url.Values{"name": {p.name}, "phone": {p.phone}}); err != nil {
			return err
		}
		for _, l := range script[p.phone] {
			if err := d.say(ctx, a, p, l); err != nil {
				return fmt.Errorf("demo chat: %w", err)
			}
		}
	}
	return nil
}

// say sends a line of a person, or our reply, and waits until it has arrived.
func (d *Demo) say(ctx context.Context, a models.Actor, p person, l line) error {
	rows, _, err := inbox.Read(d.Store).Inbox(ctx, inbox.InboxFilter{View: inbox.ViewAll, Query: p.phone, Limit: 1})
	if err != nil {
		return err
	}
	if l.from == "" {
		if len(rows) == 0 {
			return errors.New("no conversation to reply in")
		}
		if err := d.Messaging.Reply(ctx, a, rows[0].PublicID, messaging.ReplyForm{Text: l.text, Anyway: true}); err != nil {
			return err
		}
		return d.delivered(ctx, rows[0].ID)
	}
	before := 0
	if len(rows) > 0 {
		before = rows[0].Version
	}
	message := url.Values{"with": {p.with}, "body": {l.text}, "what": {l.what}}
	if err := d.post(ctx, "/phones/"+url.PathEscape(p.phone)+"/messages", message); err != nil {
		return err
	}
	return d.arrived(ctx, p.phone, before)
}

// arrived waits until the webhook has been stored.
func (d *Demo) arrived(ctx context.Context, phone string, before int) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		rows, _, err := inbox.Read(d.Store).Inbox(ctx, inbox.InboxFilter{View: inbox.ViewAll, Query: phone, Limit: 1})
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Version > before {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the message did not arrive")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// delivered waits until our last message is on the phone, so that the chat is in order. At the Sandbox's pace that can
// take a few seconds; the demo gives up after a while.
func (d *Demo) delivered(ctx context.Context, conversationID int64) error {
	for range 400 {
		list, err := conversations.Read(d.Store).Thread(ctx, conversationID, 0, 1)
		if err != nil {
			return err
		}
		if len(list) == 1 && (list[0].Status == whatsapp.Delivered || list[0].Status.Failure()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

func (d *Demo) post(ctx context.Context, path string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.PhonesURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // not read
	if res.StatusCode >= 400 {
		return fmt.Errorf("the simulator answered %s to %s", res.Status, path)
	}
	return nil
}
