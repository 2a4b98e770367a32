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

// Length counts characters as the limits do.
func Length(s string) int { return utf8.RuneCountInString(s) }

// placeholder is {{Name}} with letters, digits, spaces and underscores inside.
var placeholder = regexp.MustCompile(`\{\{\s*([\p{L}\p{N}_][\p{L}\p{N}_ ]{0,39}?)\s*\}\}`)

// Placeholders are the names in body in the order of WhatsApp's numbering: by first appearance, or,
// where all names are numbers, by number.
func Placeholders(body string) []string {
	var names []string
	numeric := true
	for _, m := range placeholder.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
		if _, err := strconv.Atoi(m[1]); err != nil {
			numeric = false
		}
	}
	if numeric {
		slices.SortFunc(names, func(a, b string) int {
			x, _ := strconv.Atoi(a)
			y, _ := strconv.Atoi(b)
			return x - y
		})
	}
	return names
}

// Numbered rewrites the body's names as WhatsApp's {{1}}, {{2}} and so on.
func Numbered(body string) string {
	names := Placeholders(body)
	return placeholder.ReplaceAllStringFunc(body, func(m string) string {
		name := placeholder.FindStringSubmatch(m)[1]
		return "{{" + strconv.Itoa(slices.Index(names, name)+1) + "}}"
	})
}

// Fill puts values, keyed by number ("1", "2"), into the body. A missing value leaves its placeholder.
func Fill(body string, values map[string]string) string {
	names := Placeholders(body)
	return placeholder.ReplaceAllStringFunc(body, func(m string) string {
		name := placeholder.FindStringSubmatch(m)[1]
		if v, ok := values[strconv.Itoa(slices.Index(names, name)+1)]; ok && v != "" {
			return v
		}
		return m
	})
}

// ValueProblem says what is wrong with a placeholder's value, empty if nothing. WhatsApp refuses
// line breaks, tabs and more than four spaces in a row (error 63013).
func ValueProblem(name, value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "Fill in " + name + ": a template can't leave with an empty placeholder."
	case strings.ContainsAny(value, "\n\r\t"):
		return name + " must stay on one line, without tabs: WhatsApp refuses line breaks in values."
	case strings.Contains(value, "     "):
		return name + " has more than four spaces in a row, which WhatsApp refuses."
	case placeholder.MatchString(value):
		return name + " holds a placeholder itself: write the text that is to be sent."
	case Length(value) > MaxValue:
		return name + " is longer than 1,600 characters."
	}
	return ""
}
