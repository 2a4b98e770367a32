// Package notifications shows notifications: the list, the form, and how each one's messages stand.
package notifications

import (
	"context"
	"slices"
	"strconv"
	"time"

	"parley/models"
	"parley/services/whatsapp"
	"parley/views/components"
)

// FormProps are what the form shows.
type FormProps struct {
	Token             string
	Senders           []models.Sender
	Sender            *models.Sender
	Templates         []models.TemplateGroup
	Chosen            *models.TemplateGroup
	Contacts          []models.Contact // those to choose from
	Query             string
	Selected          []string
	SelectedContacts  []models.Contact // chosen, but not in the list at the moment
	Values            models.Values
	UseCase           string
	Problems          map[string]string
	LooksPromotional  string
	Now               time.Time
	MoreContactsExist bool
}

func (p FormProps) selected(id string) bool { return slices.Contains(p.Selected, id) }

func (p FormProps) senders() []components.Option {
	var out []components.Option
	for _, s := range p.Senders {
		name := s.Name + " · " + whatsapp.ShowPhone(s.Phone)
		if s.State != "online" {
			name += " (offline)"
		}
		out = append(out, components.Option{Value: s.PublicID, Label: name})
	}
	return out
}

func (p FormProps) senderID() string {
	if p.Sender == nil {
		return ""
	}
	return p.Sender.PublicID
}

var useCases = []components.Option{{Value: "notification", Label: "Notification: an alert or a reminder"}, {Value: "customer_care", Label: "Customer care"}, {Value: "mixed", Label: "Both"}}

var stateWords = map[string]struct{ Text, Tone string }{
	"running": {"Running", "info"}, "paused": {"Paused", "warn"}, "canceled": {"Canceled", ""}, "finished": {"Finished", "good"},
}

// state is the notification's state as shown: a running one with nothing left to do is finished.
func state(n models.NotificationRow) (text, tone string) {
	s := n.State
	if s == "running" && n.Waiting == 0 {
		s = "finished"
	}
	w := stateWords[s]
	return w.Text, w.Tone
}

var exclusions = map[string]string{"not_opted_in": "Not opted in", "opted_out": "Opted out", "blocked": "Blocked", "not_joined": "Has not joined the Sandbox", "no_value": "A placeholder has no value"}

func titleOf(ctx context.Context, r models.RecipientRow) string {
	c := models.Contact{Name: r.Name, ProfileName: r.ProfileName}
	if r.Phone != "" {
		c.Phone = &r.Phone
	}
	return components.NameOf(ctx, &c)
}

func itoa(n int) string { return strconv.Itoa(n) }

func number(i int) string { return strconv.Itoa(i + 1) }

func label(name string) string {
	if len(name) < 3 {
		return "Placeholder " + name
	}
	return name
}

// languages are the languages that people can get a template in.
func languages(g models.TemplateGroup) string {
	if len(g.Versions) == 1 {
		return g.Main.Language
	}
	return g.Main.Language + " + " + strconv.Itoa(len(g.Versions)-1) + " more"
}

var fieldNames = map[string]string{"name": "the contact's name", "first_name": "the contact's first name", "profile_name": "the WhatsApp profile name", "phone": "the contact's number"}

// filledBy says what fills a placeholder where nothing is typed.
func filledBy(g *models.TemplateGroup, name string) string {
	field, fallback := g.Filled(name)
	switch {
	case field != "" && fallback != "":
		return "Empty: " + fieldNames[field] + ", or “" + fallback + "”."
	case field != "":
		return "Empty: " + fieldNames[field] + "; who has none is left out."
	case fallback != "":
		return "Empty: “" + fallback + "”."
	}
	return ""
}

func part(n, total int) string {
	if total == 0 {
		return "0"
	}
	return strconv.Itoa(n * 100 / total)
}
