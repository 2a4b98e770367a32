// Package lint says before submitting what WhatsApp rejects a template for: what, where, why by which rule, and the fix
// where there is one. It is pure: facts from stored state are part of the draft. The rules are in structure.go,
// placeholders.go, parts.go, links.go and meaning.go, the words that indicate promotion and the like in words.go, the
// reasons and sources in rules.go.
package lint

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"parley/whatsapp"
)

// Severity is how serious a finding is.
type Severity string

// An error blocks submitting, a warning needs a confirmation.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that WhatsApp is likely to reject a template for.
type Finding struct {
	Rule     string
	Severity Severity
	Field    string // name, category, language, a part's field, or sample:<placeholder>
	Message  string // what is wrong and what to do, as shown to users
	// Start and End are byte offsets in the field's text, equal if the field as a whole is meant.
	Start, End int
	Fix        *Fix
}

// Fix is a change that resolves a finding: the field's new text.
type Fix struct{ Label, Field, Value string }

// Why is the reason behind the finding's rule.
func (f Finding) Why() string { return rules[f.Rule].why }

// Source is the public page of the rule: its title and its address.
func (f Finding) Source() (title, address string) {
	s := sources[rules[f.Rule].source]
	return s[0], s[1]
}

// Draft is what the lint checks.
type Draft struct {
	Name     string
	Category whatsapp.Category
	Language string
	Content  whatsapp.Content
	Samples  map[string]string // by placeholder name

	NameUsedBy string    // what else has this name, empty if nothing
	NameLocked time.Time // until when WhatsApp keeps a deleted template's name, zero if it does not
	SameTextAs string    // another template with this text, empty if none
	OwnBase    string    // Parley's own public address, whose uploads are fine as they are
}

type linter struct {
	Draft
	out []Finding
}

func (l *linter) add(f Finding) { l.out = append(l.out, f) }

func (l *linter) error(rule, field, message string) {
	l.add(Finding{Rule: rule, Severity: Error, Field: field, Message: message})
}

func (l *linter) warn(rule, field, message string) {
	l.add(Finding{Rule: rule, Severity: Warning, Field: field, Message: message})
}

// Check checks a draft against the rules that templates are rejected for. Findings come errors first, then in the order
// of the form.
func Check(d Draft) []Finding {
	if !d.Content.Type.HasBody() {
		d.Content.Body = "" // WhatsApp's own words, or none
	}
	l := &linter{Draft: d}
	l.naming()
	l.structure()
	empty := l.Content.Type.HasBody() && strings.TrimSpace(l.Content.Body) == ""
	if empty && l.Content.Type != whatsapp.TypeCarousel && l.Content.Type != whatsapp.TypeMedia {
		l.error("empty", "body", "Write the message's text.")
	}
	for _, p := range l.Content.Parts() {
		l.part(p)
	}
	l.placeholders()
	l.samples()
	l.meaning()
	slices.SortStableFunc(l.out, func(a, b Finding) int { return cmp.Compare(order(a), order(b)) })
	return l.out
}

func order(f Finding) int {
	if f.Severity == Error {
		return 0
	}
	return 1
}

// Blocked reports whether a finding is an error.
func Blocked(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}
