// Package contacts shows contacts, their consent and their sessions.
package contacts

import (
	"encoding/hex"
	"slices"
	"strconv"

	"parley/models"
	"parley/services/whatsapp"
	"parley/views/components"
)

// Languages are the languages to choose from: those that templates can have.
var Languages = func() []components.Option {
	out := []components.Option{{Value: "", Label: "Not known"}}
	for _, l := range whatsapp.Languages {
		out = append(out, components.Option{Value: l, Label: components.LanguageName(l)})
	}
	return out
}()

// KnownLanguage reports whether l can be chosen.
func KnownLanguage(l string) bool {
	return slices.ContainsFunc(Languages, func(o components.Option) bool { return o.Value == l })
}

var sources = map[whatsapp.ConsentSource]string{
	whatsapp.SourceSandboxJoin: "joined the Sandbox", whatsapp.SourceInbound: "by WhatsApp message", whatsapp.SourceWebForm: "on a web form",
	whatsapp.SourcePaper: "on paper", whatsapp.SourceImport: "by import", whatsapp.SourceAPI: "through the API",
	whatsapp.SourceKeyword: "by keyword", whatsapp.SourceByHand: "told us", whatsapp.SourceTwilio: "learnt from Twilio",
}

// SourceName says in words how a consent event came about.
func SourceName(s whatsapp.ConsentSource) string { return sources[s] }

func phoneOf(p *string) string {
	if p == nil {
		return "hidden by WhatsApp"
	}
	return whatsapp.ShowPhone(*p)
}

func countryOf(c *models.Contact) string {
	if c.Phone == nil {
		return ""
	}
	return whatsapp.Country(*c.Phone)
}

func fingerprint(b []byte) string {
	s := hex.EncodeToString(b)
	if len(s) > 12 {
		return s[:12]
	}
	return s
}

func hasConversation(list []models.Conversation, senderID int64) bool {
	return slices.ContainsFunc(list, func(c models.Conversation) bool { return c.SenderID == senderID })
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func yes(b bool) string { return strconv.FormatBool(b) }
