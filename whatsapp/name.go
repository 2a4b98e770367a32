package whatsapp

import (
	"regexp"
	"strings"

	"parley/whatsapp/plaintext"
)

var templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

// ValidTemplateName reports whether WhatsApp takes the name: lower-case letters, digits, underscores, at
// most 512 characters.
func ValidTemplateName(s string) bool { return templateName.MatchString(s) }

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// TemplateName makes a name that WhatsApp takes of what somebody typed, empty if nothing of it is left.
func TemplateName(s string) string {
	folded, _ := plaintext.Fold(s)
	s = strings.Trim(notInName.ReplaceAllString(folded, "_"), "_")
	if len(s) > MaxTemplateName {
		s = strings.TrimRight(s[:MaxTemplateName], "_")
	}
	return s
}
