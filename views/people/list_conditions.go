package people

import (
	"slices"
	"strings"

	"parley/models/people"
	"parley/models/people/segments"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// chip is a tab, or a condition with the list's address without that condition.
type chip struct {
	Label, URL string
	Current    bool
}

var consentWords = map[whatsapp.Consent]string{
	whatsapp.OptedIn:     "Opted in",
	whatsapp.OptedOut:    "Opted out",
	whatsapp.ConsentNone: "No opt-in",
}

// condition is one condition of the filter, in words, with the change that removes it.
type condition struct {
	label   string
	without func(*segments.ContactFilter)
}

// chips are the filter's conditions in words.
func (p ListProps) chips() []chip {
	var out []chip
	f := p.Filter
	for _, c := range slices.Concat(p.firstConditions(), p.tagConditions(), p.profileConditions()) {
		g := f
		g.Tags, g.NotTags = slices.Clone(f.Tags), slices.Clone(f.NotTags)
		g.Fields, g.Unknown = slices.Clone(f.Fields), slices.Clone(f.Unknown)
		c.without(&g)
		out = append(out, chip{Label: c.label, URL: p.withinSegment(g)})
	}
	return out
}

// firstConditions are the segment, conditions that match nothing, consent and session.
func (p ListProps) firstConditions() (out []condition) {
	f := p.Filter
	if p.Segment != nil && f.Within != nil {
		out = append(out, condition{"Segment: " + p.Segment.Name, func(g *segments.ContactFilter) { g.Within = nil }})
	}
	for i, u := range f.Unknown {
		out = append(out, condition{unknownWords(u), func(g *segments.ContactFilter) {
			g.Unknown = slices.Delete(g.Unknown, i, i+1)
		}})
	}
	topic := slices.IndexFunc(p.Topics, func(t people.Topic) bool { return t.PublicID == f.Topic })
	if f.Consent != "" {
		label := scopedConsent(f)
		if topic >= 0 {
			label += " to " + p.Topics[topic].Name
		}
		out = append(out, condition{label, func(g *segments.ContactFilter) { g.Consent, g.Scope, g.Topic = "", "", "" }})
	}
	if f.Topic != "" && topic < 0 {
		out = append(out, condition{"No such topic", func(g *segments.ContactFilter) { g.Topic = "" }})
	}
	if f.Session != "" {
		out = append(out, condition{sessionWords(f.Session), func(g *segments.ContactFilter) { g.Session = "" }})
	}
	return out
}

// scopedConsent is a consent with the senders that it is for.
func scopedConsent(f segments.ContactFilter) string {
	switch f.Scope {
	case "":
		return consentWords[f.Consent]
	case whatsapp.ScopeAll:
		return consentWords[f.Consent] + ", all senders"
	default:
		return consentWords[f.Consent] + ", Sandbox only"
	}
}

func sessionWords(s string) string {
	if label := map[string]string{"open": "Session open", "closed": "Session closed"}[s]; label != "" {
		return label
	}
	return "Session ends within " + s + " h"
}

func (p ListProps) tagConditions() (out []condition) {
	for i, t := range p.Filter.Tags {
		out = append(out, condition{p.TagCondition("Tag: ", t), func(g *segments.ContactFilter) {
			g.Tags = slices.Delete(g.Tags, i, i+1)
		}})
	}
	for i, t := range p.Filter.NotTags {
		out = append(out, condition{p.TagCondition("Not tagged: ", t), func(g *segments.ContactFilter) {
			g.NotTags = slices.Delete(g.NotTags, i, i+1)
		}})
	}
	return out
}

// profileConditions are about the person, their fields, and where the contact came from.
func (p ListProps) profileConditions() (out []condition) {
	f := p.Filter
	if f.Language != "" {
		label := "Language: " + locale.LanguageName(f.Language)
		out = append(out, condition{label, func(g *segments.ContactFilter) { g.Language = "" }})
	}
	if f.Country != "" {
		label := "Country: " + locale.CountryName(f.Country)
		out = append(out, condition{label, func(g *segments.ContactFilter) { g.Country = "" }})
	}
	if f.Seen != "" {
		out = append(out, condition{seenWords(f.Seen), func(g *segments.ContactFilter) { g.Seen = "" }})
	}
	for i, c := range f.Fields {
		out = append(out, condition{fieldWords(p.Words, c), func(g *segments.ContactFilter) {
			g.Fields = slices.Delete(g.Fields, i, i+1)
		}})
	}
	if f.Blocked {
		out = append(out, condition{"Blocked", func(g *segments.ContactFilter) { g.Blocked = false }})
	}
	if f.Import != "" {
		out = append(out, condition{"From one import", func(g *segments.ContactFilter) { g.Import = "" }})
	}
	return out
}

func seenWords(s string) string {
	switch {
	case s == "never":
		return "Never wrote"
	case strings.HasPrefix(s, "-"):
		return "Not seen for " + s[1:] + " days"
	}
	return "Seen within " + s + " days"
}

func fieldWords(w components.Words, c segments.FieldCondition) string {
	label := "No such field: " + c.Key
	if f := w.Field(c.Key); f != nil {
		label = f.Label
	}
	for _, o := range segments.FieldOps {
		if o[0] == c.Op {
			return strings.TrimSpace(label + " " + o[1] + " " + c.Value)
		}
	}
	return label
}
