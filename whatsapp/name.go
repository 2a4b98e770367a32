package whatsapp

import (
	"regexp"
	"strings"

	"parley/whatsapp/plaintext"
)

var templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

// ValidTemplateName reports whether WhatsApp accepts the name: lower-case letters, digits, underscores, at most 512
// characters.
func ValidTemplateName(s string) bool { return templateName.MatchString(s) }

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// TemplateName turns a typed text into a name that WhatsApp accepts, empty if nothing is left.
func TemplateName(s string) string {
	folded, _ := plaintext.Fold(s)
	s = strings.Trim(notInName.ReplaceAllString(folded, "_"), "_")
	if len(s) > MaxTemplateName {
		s = strings.TrimRight(s[:MaxTemplateName], "_")
	}
	return s
}
