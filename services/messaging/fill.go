package messaging

import (
	"regexp"
	"strings"

	"parley/models/accounts"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

var gap = regexp.MustCompile(`\{\{\s*([^{}|]{1,80}?)\s*(?:\|([^{}]{0,80}))?\}\}`)

const phoneKey = "phone"

// Fill fills a text's placeholders for a contact: {{name}}, {{first_name}}, {{language}}, {{phone}} and the contact's
// own fields by key, {{agent}} for the author. {{first_name|there}} has a default. A placeholder without a value stays,
// so that it is noticed before the text is sent.
func Fill(text string, c *people.Contact, author *accounts.User) string {
	return fill(text, func(key string) string { return known(key, c, author) })
}

// FillMasked is Fill for a user who sees masked numbers: {{phone}} stays a placeholder, which Reply fills.
func FillMasked(text string, c *people.Contact, author *accounts.User) string {
	return fill(text, func(key string) string {
		if key == phoneKey && c.Phone != nil {
			return templates.PhoneGap
		}
		return known(key, c, author)
	})
}

// fillPhone only fills the placeholders for the contact's number: the user saw all others filled.
func fillPhone(text string, c *people.Contact) string {
	if c.Phone == nil {
		return text
	}
	return gap.ReplaceAllStringFunc(text, func(found string) string {
		if keyOf(gap.FindStringSubmatch(found)[1]) != phoneKey {
			return found
		}
		return whatsapp.ShowPhone(*c.Phone)
	})
}

func keyOf(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "_")) }

func known(key string, c *people.Contact, author *accounts.User) string {
	switch key {
	case "agent":
		if author == nil {
			return ""
		}
		return author.Name
	case "language":
		return c.Language
	}
	value := c.Field(key)
	if value == "" {
		value = c.Field("field:" + key)
	}
	return strings.Join(strings.Fields(value), " ")
}

func fill(text string, value func(key string) string) string {
	return gap.ReplaceAllStringFunc(text, func(found string) string {
		m := gap.FindStringSubmatch(found)
		switch v := value(keyOf(m[1])); {
		case v != "":
			return v
		case strings.Contains(found, "|"):
			return strings.TrimSpace(m[2])
		}
		return found
	})
}

// Unfilled is the first placeholder left in a text, empty if there is none.
func Unfilled(text string) string { return gap.FindString(text) }
