package conversations

import (
	"context"
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// ComposerProps are what the composer shows. Mode is reply, note, template or later.
type ComposerProps struct {
	Conversation *conversations.Conversation
	User         *accounts.User
	Desk         conversations.InboxSettings
	Mode         string
	Open         bool   // the session
	Closed       bool   // the session closed while this was being written
	Unreachable  string // the person's address, if nothing can be sent to it
	Token        string
	Text         string
	Kept         string // a draft that waits for a session
	Took         bool   // the note began as a reply
	Quote        string // public id of the message that is quoted
	Quoted       *conversations.Message
	Seen         string // public id of the last message by another user that the page shows
	Uploads      []models.Upload
	Accept       string // allowed file types
	Limits       string // their maximum sizes, for the check before the upload
	Problems     map[string]string
	Zone         *time.Location // time zone of the times to send at
	At           string         // the time that was typed
	Sent         bool           // the form was accepted: the draft can be removed
	// the template picker
	Templates  []templates.TemplateVersion
	Search     string
	OwnBlocked []templates.TemplateVersion // approved, but not through the Sandbox
	Chosen     *templates.TemplateVersion
	Typed      string // a Sandbox template, written out
	Values     templates.Values
	OwnSender  *senders.Sender // the sender for those, if the reader may send notifications
	Now        time.Time
}

// Offer is a text to insert while the user types.
type Offer struct{ ID, Title, Text string }

// unreachable is the address that nothing can be sent to, masked for the reader where necessary: it may be a number.
func (p ComposerProps) unreachable(ctx context.Context) string {
	if components.Masked(ctx) {
		return components.Phone(ctx, &p.Unreachable)
	}
	return plaintext.CleanName(p.Unreachable)
}

// shownValues are the template's values, masked for the reader where necessary: a placeholder for a masked number shows
// the masked form.
func (p ComposerProps) shownValues(ctx context.Context) templates.Values {
	who := p.Conversation.Contact
	if !components.Masked(ctx) {
		return p.Values
	}
	out := templates.Values{}
	for n, v := range p.Values {
		if who.Phone != nil {
			v = strings.ReplaceAll(v, templates.PhoneGap, components.Phone(ctx, who.Phone))
		}
		out[n] = components.AboutContact(ctx, who, v)
	}
	return out
}

func (p ComposerProps) base() string { return "/conversations/" + p.Conversation.PublicID }

// keep names the form of the chosen template, under which the browser keeps what is typed into it.
func (p ComposerProps) keep() string {
	if p.Chosen == nil {
		return "pick-" + p.Conversation.PublicID
	}
	return "pick-" + p.Conversation.PublicID + "-" + p.Chosen.PublicID
}

func (p ComposerProps) modeURL(mode string) string { return p.base() + "/composer?mode=" + mode }

// state is what the live check compares: while it is unchanged, the page is not changed either.
func (p ComposerProps) state() string {
	return openWord(p.Open) + "-" + string(p.consent()) + "-" + strconv.FormatBool(p.Conversation.Contact.BlockedAt != nil)
}

// State is the composer's state for the live check.
func (p ComposerProps) State() string { return p.state() }

// DraftMode says which of the drafts is shown.
func (p ComposerProps) DraftMode() string {
	if p.Mode == "note" {
		return "note"
	}
	return "reply"
}

// consent is the contact's general consent for the conversation's sender.
func (p ComposerProps) consent() whatsapp.Consent {
	return p.Conversation.Contact.ConsentFor(p.Conversation.Sender)
}

func (p ComposerProps) consented() bool { return p.consent() == whatsapp.OptedIn }

// mostTemplates is how many templates the picker shows; the search narrows them.
const mostTemplates = 40

// shownTemplates are the templates that contain every word of the search.
func (p ComposerProps) shownTemplates() (out []templates.TemplateVersion) {
	words := strings.Fields(strings.ToLower(p.Search))
	for _, t := range p.Templates {
		text := strings.ToLower(t.Template.Name + " " + t.Language + " " + t.Body)
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(text, w)
		}
		if fits && len(out) < mostTemplates {
			out = append(out, t)
		}
	}
	return out
}

func (p ComposerProps) enterSends() string { return components.Bool(!p.User.Preferences.EnterAdds) }

func number(i int) string { return strconv.Itoa(i + 1) }

func summary(v templates.TemplateVersion) string { return whatsapp.Plain(v.Body, 110) }

func valueLabel(name string) string {
	if len(name) < 3 {
		return "Placeholder " + name
	}
	return name
}

// typed compares the written text with the Sandbox's templates: it returns the one that it equals, or the nearest one
// with the difference.
func (p ComposerProps) typed() (match bool, name string, changes []plaintext.Change) {
	var bodies []string
	var names []string
	for _, v := range p.Templates {
		if v.Template == nil || !v.Template.Sandbox {
			continue
		}
		if _, ok := whatsapp.Match(v.Body, p.Typed); ok {
			return true, v.Template.Name, nil
		}
		bodies, names = append(bodies, v.Body), append(names, v.Template.Name)
	}
	i := whatsapp.Nearest(bodies, p.Typed)
	if i < 0 {
		return false, "", nil
	}
	return false, names[i], plaintext.Diff(bodies[i], p.Typed)
}

// marks are the keys of WhatsApp's formatting.
var marks = []struct{ Icon, Label, Mark, Key string }{
	{
		"bold",
		"Bold (Ctrl-B)",
		"*",
		"b",
	},
	{"italic", "Italic (Ctrl-I)", "_", "i"},
	{"strikethrough", "Struck out (Ctrl-Shift-X)", "~", "X"},
	{"code", "Monospace (Ctrl-Shift-M)", "```", "M"},
}

func uploadName(u models.Upload) string {
	if u.Voice {
		return "Voice note"
	}
	if u.Name == "" {
		return "File"
	}
	return u.Name
}

var laterWords = map[string]string{
	"1h":       "In an hour",
	"4h":       "In 4 hours",
	"tomorrow": "Tomorrow, 9:00",
	"monday":   "Monday, 9:00",
}

func laterLabel(o components.Option) string { return laterWords[o.Value] }
