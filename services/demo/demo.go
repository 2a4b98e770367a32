// Package demo fills an empty database with a small living demo, through the real paths: people are
// added as an admin adds them, customers write from the simulator's phones over HTTP, agents reply
// through the queue, templates go through review.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/services/accounts"
	"parley/services/approvals"
	"parley/services/contacts"
	"parley/services/messaging"
	"parley/services/onboarding"
	"parley/whatsapp"
)

// Password is the demo users' password where only this machine reaches the demo.
const Password = "parley-demo"

// Email is the demo admin's address.
const Email = "ada@example.com"

// Emails are the addresses of all the demo's users.
func Emails() []string { return []string{Email, "otto@example.com", "ana@example.com"} }

// Demo seeds.
type Demo struct {
	Store     *models.Store
	Accounts  *accounts.Service
	Contacts  *contacts.Service
	Messaging *messaging.Service
	Approvals *approvals.Service
	Access    *onboarding.Service
	PhonesURL string // the simulator's pages
}

var system = models.System("Demo")

// Users adds the demo's three users with a password. It does nothing if there is any user.
func (d *Demo) Users(ctx context.Context, password string) error {
	users, err := d.Store.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	for _, u := range []accounts.NewUser{{Email: Email, Name: "Ada Adler", Role: models.Admin}, {Email: "otto@example.com", Name: "Otto Okafor", Role: models.Operator}, {Email: "ana@example.com", Name: "Ana Alvarez", Role: models.Agent}} {
		u.Password = password
		if err := d.Accounts.AddDemo(ctx, system, u); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// Senders adds Twilio's Sandbox and the simulated business number, and the Sandbox's templates.
func (d *Demo) Senders(ctx context.Context, businessPhone, joinWords string) error {
	list, err := d.Store.Senders(ctx)
	if err != nil {
		return err
	}
	for _, s := range []accounts.Sender{{Name: "Twilio Sandbox", Phone: models.SandboxPhone, State: "online", JoinWords: joinWords, Default: true},
		{Name: "Harbor Clinic", Phone: businessPhone, State: "online", Rate: "80"}} {
		// The business's number may have been found at Twilio already.
		if slices.ContainsFunc(list, func(o models.Sender) bool { return o.Phone == s.Phone }) {
			continue
		}
		if err := d.Accounts.SaveSender(ctx, system, "", 0, s); err != nil && models.KindOf(err) != models.KindInvalid {
			return err
		}
	}
	return nil
}

// Seed lets life into the demo: customers, chats, templates, a request. It returns when the first chats
// are in the inbox.
func (d *Demo) Seed(ctx context.Context) error {
	ada, err := d.Store.UserByEmail(ctx, Email)
	if err != nil {
		return err
	}
	actor := ada.Actor("demo")
	if err := d.templates(ctx, actor); err != nil {
		return err
	}
	if err := d.request(ctx, actor); err != nil {
		return err
	}
	if err := d.words(ctx, actor); err != nil {
		return err
	}
	return errors.Join(d.chats(ctx, actor), d.desk(ctx, actor))
}

// templates writes a few: one in two languages, one with buttons, one that is rejected, and one that stays a
// draft because the editor says why it can't be submitted.
func (d *Demo) templates(ctx context.Context, a models.Actor) error {
	text := func(body string) whatsapp.Content { return whatsapp.Content{Type: whatsapp.TypeText, Body: body} }
	samples := map[string]string{"Name": "Noor", "Date": "2 May", "Time": "9:30"}
	reminder := text(
		"Hello {{Name}}, this is a reminder of your appointment on {{Date}} at {{Time}}. Reply here if you can't come.",
	)
	v, err := d.template(ctx, a, "appointment_reminder", reminder, samples)
	if err != nil {
		return err
	}
	spanish, err := d.Approvals.AddLanguage(ctx, a, v.PublicID, "es")
	if err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	in := approvals.TextOf(spanish)
	in.Content = text(
		"Hola {{Name}}, te recordamos tu cita del {{Date}} a las {{Time}}. Responde aquí si no puedes venir.",
	)
	if spanish, err = d.Approvals.Save(ctx, a, approvals.RevisionOf(spanish), in); err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	if err := d.Approvals.Submit(ctx, a, approvals.RevisionOf(spanish), true); err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	confirm := whatsapp.Content{
		Type: whatsapp.TypeQuickReply,
		Body: "Hello {{Name}}, can you come to your appointment on {{Date}} at our clinic?",
		Actions: []whatsapp.Action{
			{Type: whatsapp.ActionReply, Title: "Yes, I'll be there", ID: "yes"},
			{Type: whatsapp.ActionReply, Title: "Another day, please", ID: "move"},
		},
	}
	for _, t := range []struct {
		name string
		c    whatsapp.Content
	}{
		{"appointment_confirm", confirm},
		{"lab_results_ready", text("Hello {{Name}}, your results are ready. Call us or reply to this message and we will talk them through with you.")},
		{"visit_feedback", text("Hello {{Name}}, how was your visit on {{Date}}? It is about mismatched expectations, so tell us what you think.")},
		{"spring_offer", text("Hello {{Name}}, book a check-up this week and get a 20% discount on your next visit.")},
	} {
		if _, err := d.template(ctx, a, t.name, t.c, samples); err != nil {
			return err
		}
	}
	return nil
}

// template drafts one and submits it, if the lint lets it pass.
func (d *Demo) template(
	ctx context.Context,
	a models.Actor,
	name string,
	c whatsapp.Content,
	samples map[string]string,
) (*models.TemplateVersion, error) {
	v, err := d.Approvals.Create(
		ctx,
		a,
		approvals.Text{
			Name:     name,
			Category: "UTILITY",
			Language: "en",
			Content:  c,
			Samples:  samples,
			Fields:   map[string]string{"Name": "first_name"},
		},
	)
	if err != nil {
		return nil, fmt.Errorf("demo template: %w", err)
	}
	err = d.Approvals.Submit(ctx, a, approvals.RevisionOf(v), true)
	if err != nil && models.KindOf(err) != models.KindInvalid {
		return nil, fmt.Errorf("demo template: %w", err)
	}
	return v, nil
}

func (d *Demo) request(ctx context.Context, a models.Actor) error {
	_, err := d.Access.Save(
		ctx,
		a,
		"",
		0,
		models.AccessRequest{
			AccountSid:    d.Access.AccountSID(),
			Phone:         "+493022334455",
			PhoneCode:     "voice",
			PhoneFree:     "yes",
			Address:       "Kai 12, 10115 Berlin",
			LegalName:     "Harbor Clinic GmbH",
			DisplayName:   "Harbor Clinic",
			Website:       "https://harbor-clinic.example.com",
			Country:       "DE",
			ContactName:   "Ada Adler",
			ContactEmail:  Email,
			Vertical:      "Medical and Health",
			UseCase:       "mixed",
			MonthlyVolume: 4000,
		},
		false,
	)
	return err
}

type line struct {
	from string // phone, or "" for our reply
	text string
	what string // picture, location
}

var people = []struct{ phone, name, with string }{
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
	for _, p := range people {
		if err := d.post(ctx, "/phones", url.Values{"name": {p.name}, "phone": {p.phone}}); err != nil {
			return err
		}
		for _, l := range script[p.phone] {
			if err := d.say(ctx, a, p.phone, p.with, l); err != nil {
				return fmt.Errorf("demo chat: %w", err)
			}
		}
	}
	return nil
}

func (d *Demo) say(ctx context.Context, a models.Actor, phone, with string, l line) error {
	rows, _, err := d.Store.Inbox(ctx, models.InboxFilter{View: models.ViewAll, Query: phone, Limit: 1})
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
	err = d.post(
		ctx,
		"/phones/"+url.PathEscape(phone)+"/messages",
		url.Values{"with": {with}, "body": {l.text}, "what": {l.what}},
	)
	if err != nil {
		return err
	}
	return d.arrived(ctx, phone, before)
}

// arrived waits until the webhook has been stored.
func (d *Demo) arrived(ctx context.Context, phone string, before int) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		rows, _, err := d.Store.Inbox(ctx, models.InboxFilter{View: models.ViewAll, Query: phone, Limit: 1})
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

// delivered waits until our last message is on the phone, so that the chat reads in its order. The
// Sandbox's pace can make that a few seconds; the demo does not insist.
func (d *Demo) delivered(ctx context.Context, conversationID int64) error {
	for range 400 {
		list, err := d.Store.Thread(ctx, conversationID, 0, 1)
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
