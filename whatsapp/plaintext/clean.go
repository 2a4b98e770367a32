package plaintext

import "strings"

// Clean repairs a text from outside so that PostgreSQL can store it: zero bytes are dropped, and invalid UTF-8 becomes
// U+FFFD, the replacement character. A text without either comes back as it is.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// CleanName repairs a name that a stranger chose, as Clean does, and removes the characters that change the direction
// of the text around it: with one of them a name could reverse the rest of a line. Source: Unicode Standard Annex 9,
// section 2, "Directional Formatting Characters".
func CleanName(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if directional(r) {
			return -1
		}
		return r
	}, Clean(s)))
}

func directional(r rune) bool {
	switch {
	case r == '\u061C', r == '\u200E', r == '\u200F': // marks
		return true
	case r >= '\u202A' && r <= '\u202E': // embeddings, overrides and their end
		return true
	}
	return r >= '\u2066' && r <= '\u2069' // isolates and their end
}

// Cut is the first n characters of a text.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Shorten cuts a text to n characters; the last one is an ellipsis if it was cut.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
