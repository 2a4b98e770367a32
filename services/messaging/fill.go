package messaging

import (
	"regexp"
	"strings"

	"parley/models"
)

var gap = regexp.MustCompile(`\{\{\s*([^{}|]{1,80}?)\s*(?:\|([^{}]{0,80}))?\}\}`)

// Fill puts what is known of a contact into a text: {{name}}, {{first_name}}, {{language}}, {{phone}} and the
// contact's own fields by key, {{agent}} for who writes. {{first_name|there}} says what stands there if nothing is
// known. A name that nothing is known of stays as it is, so that it is seen before it is sent.
func Fill(text string, c *models.Contact, author *models.User) string {
	return gap.ReplaceAllStringFunc(text, func(found string) string {
		m := gap.FindStringSubmatch(found)
		key := strings.ToLower(strings.ReplaceAll(m[1], " ", "_"))
		value := ""
		switch key {
		case "agent":
			if author != nil {
				value = author.Name
			}
		case "language":
			value = c.Language
		default:
			if value = c.Field(key); value == "" {
				value = c.Field("field:" + key)
			}
			value = strings.Join(strings.Fields(value), " ")
		}
		switch {
		case value != "":
			return value
		case strings.Contains(found, "|"):
			return strings.TrimSpace(m[2])
		}
		return found
	})
}

// Unfilled is the first placeholder in a text that nothing was found for, empty if there is none.
func Unfilled(text string) string { return gap.FindString(text) }
