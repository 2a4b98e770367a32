package plaintext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plainSigns are signs that senders of messages replace by their typewriter forms (Twilio, Smart Encoding).
var plainSigns = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "‛", "'",
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-")

// Same reports whether two texts are one message, the one as it was sent and the other as it is listed afterwards.
// Spaces, line breaks, invisible characters, and how a letter or a sign is encoded make no difference.
func Same(a, b string) bool { return a == b || essence(a) == essence(b) }

func essence(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zs, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, plainSigns.Replace(norm.NFKC.String(strings.ToValidUTF8(s, ""))))
}
