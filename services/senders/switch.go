package senders

import (
	"context"
	"fmt"
	"strings"

	"parley/models"
	"parley/models/onboarding"
	"parley/models/senders"
	"parley/whatsapp"
)

// Item is one thing that is checked before another sender becomes the default one.
type Item struct {
	Level string // good, advice, blocker
	Text  string
	Href  string // where to do something about it
	Fix   string // "webhooks": a button does it
}

// Move is what a move to a sender means.
type Move struct {
	From, To *senders.Sender // From is nil if there is no default one yet
	Items    []Item
}

// Blocked reports whether something must be done first.
func (m Move) Blocked() bool {
	for _, i := range m.Items {
		if i.Level == "blocker" {
			return true
		}
	}
	return false
}

func (m *Move) say(level, text, href string) {
	m.Items = append(m.Items, Item{Level: level, Text: text, Href: href})
}

// PlanMove says what a move to a sender means: whether it is online and its webhooks lead here, and what it means for
// the templates, for people who opted in, and for open sessions.
func (s *Service) PlanMove(ctx context.Context, to *senders.Sender) (Move, error) {
	m := Move{To: to}
	senders, err := senders.Read(s.store).Senders(ctx)
	if err != nil {
		return m, err
	}
	for i := range senders {
		if senders[i].IsDefault {
			m.From = &senders[i]
		}
	}
	f, err := onboarding.Read(s.store).Production(ctx)
	if err != nil {
		return m, err
	}
	if to.State != whatsapp.SenderOnline || to.TwilioStatus != "" && !online(to.TwilioStatus) {
		m.say("blocker", to.Name+" is offline: nothing can be sent from it.", "/settings/senders/"+to.PublicID)
	} else {
		m.say("good", to.Name+" is online", "")
	}
	if to.Sandbox() {
		m.say("advice", "From the Sandbox only Twilio's three pre-approved templates leave outside a session, "+
			"and only to phones that joined it in the last three days.", "/sandbox")
		m.say("advice", "Your own number stays: people who write to it are answered from it.", "")
		return m, nil
	}
	m.planWebhooks(s.CallbackURL())
	m.planTemplates(f)
	m.planContacts(f)
	m.planSandbox(f)
	return m, nil
}

// planWebhooks checks where Twilio sends the sender's messages; here is our own address.
func (m *Move) planWebhooks(here string) {
	switch {
	case m.To.TwilioSid == nil:
		m.say("advice", "Twilio has not told Parley about this number yet: check its webhooks in Twilio's Console.", "")
	case m.To.CallbackURL != here:
		m.Items = append(m.Items, Item{
			Level: "blocker",
			Text:  "Twilio sends this number's messages to " + orNowhere(m.To.CallbackURL) + ", not here.",
			Fix:   "webhooks",
		})
	default:
		m.say("good", "Its webhooks lead here", "")
	}
}

// planTemplates checks what can be sent outside a session.
func (m *Move) planTemplates(f onboarding.ProductionFacts) {
	switch {
	case f.Approved > 0:
		m.say("good", fmt.Sprintf("%s of your own approved", templates(f.Approved)), "/templates?state=approved")
	case f.InReview > 0:
		m.say("advice",
			templates(f.InReview)+" in review: until WhatsApp approves them you can only answer within sessions.",
			"/templates?state=review")
	default:
		m.say("advice",
			"No template of your own is approved: you can only answer within sessions. Draft one first.",
			"/templates/new")
	}
}

// planContacts checks who can be written to.
func (m *Move) planContacts(f onboarding.ProductionFacts) {
	if f.OnlyJoined > 0 {
		m.say("advice",
			fmt.Sprintf("%s joined the Sandbox only and can't be reached from %s: "+
				"joining is no consent for another sender. Ask them to opt in.", people(f.OnlyJoined), m.To.Name),
			"/contacts?consent=opted_in_sandbox")
	}
	if real := f.OptedIn - f.OnlyJoined; real == 0 {
		m.say("advice",
			"Nobody is opted in yet: only people who write to the number can be answered.", "/contacts/optins")
	} else {
		m.say("good", withProof(real), "/contacts?consent=opted_in_all")
	}
}

// planSandbox checks what is still under way at the Sandbox.
func (m *Move) planSandbox(f onboarding.ProductionFacts) {
	if f.SandboxOpen > 0 {
		m.say("advice",
			fmt.Sprintf("%d open sessions at the Sandbox go on there: you can answer in them as before.", f.SandboxOpen),
			"/contacts?session=open")
	}
	if f.QueuedAtSandbox > 0 {
		m.say("advice",
			fmt.Sprintf("%d messages still wait to leave from the Sandbox; they leave from there.", f.QueuedAtSandbox),
			"")
	}
}

func orNowhere(address string) string {
	if address == "" {
		return "no address"
	}
	return address
}

func templates(n int64) string {
	if n == 1 {
		return "1 template"
	}
	return fmt.Sprintf("%d templates", n)
}

func people(n int64) string {
	if n == 1 {
		return "1 contact"
	}
	return fmt.Sprintf("%d contacts", n)
}

func withProof(n int64) string { return people(n) + " opted in with proof" }

// Switch makes a sender the default one: new conversations and notifications begin from it. It can be undone the same
// way. It refuses while there is a blocker.
func (s *Service) Switch(ctx context.Context, a models.Actor, id string) error {
	to, err := senders.Read(s.store).SenderByPublicID(ctx, id)
	if err != nil {
		return err
	}
	m, err := s.PlanMove(ctx, to)
	if err != nil {
		return err
	}
	for _, i := range m.Items {
		if i.Level == "blocker" {
			return models.Conflict("sender.switch_blocked", "Reason", strings.ToLower(i.Text[:1])+i.Text[1:])
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderForUpdate(tx, id)
		if err != nil {
			return err
		}
		if sender.IsDefault {
			return nil
		}
		sender.IsDefault = true
		where := "production"
		if sender.Sandbox() {
			where = "the Sandbox"
		}
		if err := senders.SaveSender(tx, a, sender, sender.Version); err != nil {
			return err
		}
		tx.Publish("home")
		return models.Audit(
			tx,
			a,
			"sender.switched",
			models.About("sender", sender.PublicID),
			"Moved to "+where+": "+sender.Name+" is the default sender",
		)
	})
}
