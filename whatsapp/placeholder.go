package whatsapp

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of texts, in characters.
const (
	MaxBody         = 1600 // a free-form message (Twilio, Messages resource)
	MaxTemplateBody = 1024 // an approved template's body
	MaxValue        = 1600 // one placeholder's value
)

// CodeName is the one placeholder of an authentication template.
const CodeName = "Code"

// Length counts characters as the limits do.
func Length(s string) int { return utf8.RuneCountInString(s) }

// Placeholder is {{Name}}. A template approved elsewhere may have any name on one line, such as customer.name or
// order-id; the lint keeps the names of drafts plain. Source: Twilio, "Using variables with Content API".
var Placeholder = regexp.MustCompile(`\{\{\s*([^{}\s](?:[^{}\n\r]*[^{}\s])?)\s*\}\}`)

// Placeholders are the names in the texts in the order of WhatsApp's numbering: by first appearance, or,
// where all names are numbers, by number.
func Placeholders(texts ...string) []string {
	var names []string
	seen := map[string]bool{}
	numeric := true
	for _, t := range texts {
		for _, m := range Placeholder.FindAllStringSubmatch(t, -1) {
			if seen[m[1]] {
				continue
			}
			seen[m[1]] = true
			names = append(names, m[1])
			if _, err := strconv.Atoi(m[1]); err != nil {
				numeric = false
			}
		}
	}
	if numeric {
		slices.SortStableFunc(names, func(a, b string) int {
			x, _ := strconv.Atoi(a)
			y, _ := strconv.Atoi(b)
			return x - y
		})
	}
	return names
}

// Names are the content's placeholders in the order of WhatsApp's numbering.
func (c *Content) Names() []string {
	if c.Type == TypeAuthentication {
		return []string{CodeName}
	}
	var texts []string
	for _, p := range c.Parts() {
		if p.Variables {
			texts = append(texts, *p.Text)
		}
	}
	return Placeholders(texts...)
}

// UsedNames are the placeholders in all of the content's texts, also in those where WhatsApp accepts none and no draft
// has any: contents made elsewhere must be filled as well.
func (c *Content) UsedNames() []string {
	if c.Type == TypeAuthentication {
		return []string{CodeName}
	}
	var texts []string
	for _, p := range c.Parts() {
		texts = append(texts, *p.Text)
	}
	return Placeholders(texts...)
}

// clone copies the content so that its parts can be rewritten.
func (c *Content) clone() *Content {
	out := *c
	out.Actions, out.Items, out.Cards = slices.Clone(c.Actions), slices.Clone(c.Items), slices.Clone(c.Cards)
	for i := range out.Cards {
		out.Cards[i].Actions = slices.Clone(c.Cards[i].Actions)
	}
	return &out
}

func (c *Content) rewrite(fn func(name, match string) string) *Content {
	out := c.clone()
	for _, p := range out.Parts() {
		*p.Text = Placeholder.ReplaceAllStringFunc(*p.Text, func(m string) string {
			return fn(Placeholder.FindStringSubmatch(m)[1], m)
		})
	}
	return out
}

// Numbered is the content with its names rewritten as WhatsApp's {{1}}, {{2}} and so on.
func (c *Content) Numbered() *Content {
	names := c.Names()
	return c.rewrite(func(name, m string) string {
		if i := slices.Index(names, name); i >= 0 {
			return "{{" + strconv.Itoa(i+1) + "}}"
		}
		return m
	})
}

// Filled is the content with values, keyed by number ("1", "2"), in the places of its placeholders. A
// missing value leaves its placeholder.
func (c *Content) Filled(values map[string]string) *Content { return c.FilledBy(c.Names(), values) }

// FilledBy is the content with values keyed by their number among names.
func (c *Content) FilledBy(names []string, values map[string]string) *Content {
	out := c.rewrite(func(name, m string) string {
		if v := values[strconv.Itoa(slices.Index(names, name)+1)]; v != "" {
			return v
		}
		return m
	})
	if c.Type == TypeAuthentication {
		out.Body = Fill(c.Body, values)
	}
	return out
}

// Fill puts values, keyed by number, into one text whose placeholders are all there are.
func Fill(body string, values map[string]string) string {
	return (&Content{Type: TypeText, Body: body}).Filled(values).Body
}

// ValueProblem says what is wrong with a placeholder's value, empty if nothing. WhatsApp refuses
// line breaks, tabs and more than four spaces in a row (error 63013).
func ValueProblem(name, value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "Fill in " + name + ": a template can't leave with an empty placeholder."
	case strings.ContainsAny(value, "\n\r\t\v\f\u0085\u2028\u2029"):
		return name + " must stay on one line, without tabs: WhatsApp refuses line breaks in values."
	case strings.Contains(value, "     "):
		return name + " has more than four spaces in a row, which WhatsApp refuses."
	case Placeholder.MatchString(value):
		return name + " holds a placeholder itself: write the text that is to be sent."
	case Length(value) > MaxValue:
		return name + " is longer than 1,600 characters."
	}
	return ""
}
