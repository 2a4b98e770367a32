// Package contacts shows contacts, their consent and their sessions.
package people

import (
	"encoding/hex"
	"regexp"
	"slices"
	"time"

	"parley/models/conversations"
	"parley/models/people"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// Languages are the languages to choose from: those that WhatsApp allows for templates.
var Languages = func() []components.Option {
	out := []components.Option{{Value: "", Label: "Not known"}}
	for _, l := range locale.Languages {
		out = append(out, components.Option{Value: l, Label: locale.LanguageName(l)})
	}
	return out
}()

var sources = map[whatsapp.ConsentSource]string{
	whatsapp.SourceSandboxJoin: "joined the Sandbox",
	whatsapp.SourceInbound:     "by WhatsApp message",
	whatsapp.SourceWebForm:     "on a web form",
	whatsapp.SourcePaper:       "on paper",
	whatsapp.SourceImport:      "by import",
	whatsapp.SourceAPI:         "through the API",
	whatsapp.SourceKeyword:     "by keyword",
	whatsapp.SourceByHand:      "told us",
	whatsapp.SourceTwilio:      "learnt from Twilio",
	whatsapp.SourceMerge:       "by merging two contacts",
	whatsapp.SourceErasure:     "by erasure",
	whatsapp.SourceUndo:        "by taking an import back",
}

// SourceName is a consent event's source in words.
func SourceName(s whatsapp.ConsentSource) string { return sources[s] }

func fingerprint(b []byte) string {
	s := hex.EncodeToString(b)
	if len(s) > 12 {
		return s[:12]
	}
	return s
}

// chosen reports whether templates are sent to an address: the chosen number, or, for a contact without one, the newest
// address.
func (p DetailProps) chosen(a *people.ContactAddress) bool {
	if p.Contact.Phone != nil {
		return a.Kind == whatsapp.PhoneAddress && a.Address == *p.Contact.Phone
	}
	return a.ID == p.Addresses[len(p.Addresses)-1].ID
}

func hasConversation(list []conversations.Conversation, senderID int64) bool {
	return slices.ContainsFunc(list, func(c conversations.Conversation) bool { return c.SenderID == senderID })
}

// clock is the local time where the contact is, empty if that is not known.
func clock(c *people.Contact, now time.Time) string {
	name, _ := c.Zone()
	if name == "" {
		return ""
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return ""
	}
	return now.In(zone).Format("15:04")
}

func guessedZone(c *people.Contact) string {
	if name, guess := c.Zone(); guess && name != "" {
		return name + " (guess from the number)"
	}
	return "Europe/Berlin"
}

func (p DetailProps) tagged(t people.Tag) bool { return slices.Contains(p.Edit.Tags, t.PublicID) }

func choiceOptions(f *people.ContactField) []components.Option {
	out := []components.Option{{Label: "Not known"}}
	for _, c := range f.Choices {
		out = append(out, components.Option{Value: c, Label: c})
	}
	return out
}

func eventTitle(e people.ConsentEvent) string {
	text := map[whatsapp.Consent]string{
		whatsapp.OptedIn:     "Opted in",
		whatsapp.SandboxOnly: "Opted in, Sandbox only",
		whatsapp.OptedOut:    "Opted out",
		whatsapp.ConsentNone: "Opt-in taken back",
	}[e.ShownKind()]
	if e.Topic != nil && e.Topic.ID != 0 {
		text += " to " + e.Topic.Name
	}
	return text
}

type textPart struct {
	Text string
	Link bool
}

var webLink = regexp.MustCompile(`https?://[^\s<>"]+`)

// links splits a text into links and the text between them.
func links(text string) []textPart {
	var out []textPart
	at := 0
	for _, m := range webLink.FindAllStringIndex(text, -1) {
		if m[0] > at {
			out = append(out, textPart{Text: text[at:m[0]]})
		}
		out = append(out, textPart{text[m[0]:m[1]], true})
		at = m[1]
	}
	if at < len(text) {
		out = append(out, textPart{Text: text[at:]})
	}
	return out
}
