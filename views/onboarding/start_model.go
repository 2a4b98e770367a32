// Package setup shows the first steps, the Sandbox, and whether everything works.
package onboarding

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"parley/models"
	"parley/models/onboarding"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
)

// StartProps are what the checklist shows.
type StartProps struct {
	Facts        onboarding.ProductionFacts
	Checks       map[string]models.Check
	Vitals       models.Vitals
	Sandbox      *senders.Sender
	Clean        int // templates without findings
	Simulated    bool
	SimulatorURL string
	PublicURL    string
	MayTest      bool // admins
	MayWrite     bool // operators
	Now          time.Time
}

// step is one line of the checklist.
type step struct {
	Key, Title, What string
	Done             bool
	Test             string // what a button tests
	Href, Link       string
	Answer           string // what Twilio answered, or what is known
	Failed           bool
}

func (p StartProps) steps() []step {
	twilio, webhooks := p.Checks[models.CheckTwilio], p.Checks[models.CheckWebhooks]
	received := p.Vitals.LastMessageAt != nil || p.Vitals.LastStatusAt != nil
	join := "/sandbox"
	steps := []step{
		{
			Key:    "credentials",
			Title:  "Twilio takes the credentials",
			Done:   twilio.OK,
			Test:   "twilio",
			What:   "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, from the front page of Twilio's Console.",
			Answer: twilio.Said,
			Failed: twilio.Name != "" && !twilio.OK,
		},
		{
			Key:   "webhooks",
			Title: "Webhooks arrive here and are signed",
			Done:  received || webhooks.OK && p.Simulated,
			Test:  "webhooks",
			What: "Set “When a message comes in” in the Console to " + p.PublicURL +
				"/webhooks/twilio/messages. PUBLIC_URL must be what Twilio calls, with https.",
			Answer: webhooksAnswer(p, webhooks, received),
			Failed: webhooks.Name != "" && !webhooks.OK && !received,
		},
		{
			Key:    "joined",
			Title:  "A phone has joined the Sandbox",
			Done:   p.Facts.Joined > 0,
			Href:   join,
			Link:   "Join words and QR code",
			What:   "Send the join words from your own phone. A joining lasts three days.",
			Answer: joinedAnswer(p.Facts.Joined),
		},
		{
			Key:   "inbound",
			Title: "The first message came in",
			Done:  p.Facts.Inbound,
			Href:  "/inbox",
			Link:  "Inbox",
			What:  "Write anything from the phone that joined: it appears in the inbox at once.",
		},
		{
			Key:   "outbound",
			Title: "The first reply went out",
			Done:  p.Facts.OutboundReply,
			Href:  "/inbox",
			Link:  "Inbox",
			What:  "Open the chat and answer. Within 24 hours after a person's message you may write freely.",
		},
		{
			Key:   "optin",
			Title: "The first opt-in is on record",
			Done:  p.Facts.RecordedOptin,
			Href:  "/contacts/optins",
			Link:  "Opt-in pages",
			What: "Templates go only to people who agreed. Make an opt-in page, or record an opt-in with its proof on a " +
				"contact's page. Joining the Sandbox is none.",
		},
		{
			Key:    "template",
			Title:  "The first template is clean",
			Done:   p.Clean > 0,
			Href:   "/templates/new",
			Link:   "Draft a template",
			What:   "The editor says what WhatsApp would reject, and why.",
			Answer: cleanAnswer(p.Clean),
		},
		{
			Key:   "access",
			Title: "The access request is sent",
			Done:  p.Facts.AccessSent,
			Href:  "/access",
			Link:  "Access",
			What: "With a number of your own you write to everybody who opted in. Parley looks the request over before it " +
				"leaves.",
		},
	}
	if !p.MayWrite {
		for i := range steps {
			if steps[i].Key == "template" || steps[i].Key == "optin" {
				steps[i].Href = ""
			}
		}
	}
	return steps
}

func (p StartProps) done() int {
	n := 0
	for _, s := range p.steps() {
		if s.Done {
			n++
		}
	}
	return n
}

// current is the first step that is not done.
func (p StartProps) current() string {
	for _, s := range p.steps() {
		if !s.Done {
			return s.Key
		}
	}
	return ""
}

func webhooksAnswer(p StartProps, c models.Check, received bool) string {
	switch {
	case received && p.Vitals.LastMessageAt != nil:
		return "Twilio's signed webhooks come in."
	case c.Name == "" && p.Vitals.LastBadAt != nil:
		return "Webhooks come in, but with a wrong signature: check TWILIO_AUTH_TOKEN and PUBLIC_URL."
	}
	return c.Said
}

func joinedAnswer(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 phone belongs to the Sandbox now."
	}
	return fmt.Sprintf("%d phones belong to the Sandbox now.", n)
}

func cleanAnswer(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 template has nothing that WhatsApp would reject."
	}
	return fmt.Sprintf("%d templates have nothing that WhatsApp would reject.", n)
}

// SandboxProps are what the Sandbox's page shows.
type SandboxProps struct {
	Sender       *senders.Sender // nil while it is no sender yet
	Link         string          // opens WhatsApp with the join words already typed
	Members      []onboarding.Member
	Templates    []templates.TemplateVersion
	SimulatorURL string
	MayEdit      bool
	MaySend      bool
	TypedWords   string
	To, Version  string // what was chosen
	Values       templates.Values
	Problems     map[string]string
	Now          time.Time
}

func (p SandboxProps) words() string {
	if p.TypedWords != "" || p.Sender == nil {
		return p.TypedWords
	}
	return p.Sender.JoinWords
}

func (SandboxProps) token() string { return rand.Text() }

// chosen is the template that the form is for: the chosen one, else the first.
func (p SandboxProps) chosen() *templates.TemplateVersion {
	for i := range p.Templates {
		if p.Templates[i].PublicID == p.Version {
			return &p.Templates[i]
		}
	}
	return nil
}

// belonging are the members whose membership has not ended.
func (p SandboxProps) belonging(ctx context.Context) []components.Option {
	out := []components.Option{{Value: "", Label: "Choose …"}}
	for _, m := range p.Members {
		if m.Until.After(p.Now) {
			out = append(out, components.Option{Value: m.ConversationPublicID, Label: nameOf(ctx, m)})
		}
	}
	return out
}

func nameOf(ctx context.Context, m onboarding.Member) string {
	c := people.Contact{Name: m.Name, ProfileName: m.ProfileName, Phone: m.Phone, Numbers: m.Numbers}
	return components.NameOf(ctx, &c)
}

// left says how much longer a membership lasts.
func left(until, now time.Time) string {
	d := until.Sub(now)
	switch {
	case d <= 0:
		return "ended"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min left"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h left"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days left"
}

func leftTone(until, now time.Time) whatsapp.Tone {
	switch d := until.Sub(now); {
	case d <= 0:
		return whatsapp.ToneBad
	case d < 12*time.Hour:
		return whatsapp.ToneWarn
	}
	return whatsapp.ToneGood
}

// HealthProps are what the health page shows.
type HealthProps struct {
	Checks    map[string]models.Check
	Vitals    models.Vitals
	Errors    []ErrorRow
	Senders   []senders.Sender
	PublicURL string
	Now       time.Time
}

// ErrorRow is a kind of failure with what to do about it.
type ErrorRow struct {
	models.ErrorCount
	Advice whatsapp.Advice
}

func (p HealthProps) queueAge() string {
	if p.Vitals.OldestDue == nil {
		return "Nothing waits"
	}
	d := p.Now.Sub(*p.Vitals.OldestDue)
	if d < time.Minute {
		return "The oldest one waits for seconds"
	}
	return "The oldest one waits for " + strconv.Itoa(int(d.Minutes())) + " min"
}

func (p HealthProps) rate() string {
	v := p.Vitals
	if v.Sent+v.Failed == 0 {
		return "Nothing was sent in the last hour"
	}
	return fmt.Sprintf("%d taken, %d failed in the last hour", v.Sent, v.Failed)
}

func checkWord(c models.Check) (text string, tone whatsapp.Tone) {
	switch {
	case c.Name == "":
		return "Not tried yet", ""
	case c.OK:
		return "Works", whatsapp.ToneGood
	}
	return "Does not work", whatsapp.ToneBad
}
