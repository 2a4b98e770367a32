package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var ligatures = map[rune]string{
	'ß':      "ss",
	'æ':      "ae",
	'œ':      "oe",
	'ø':      "o",
	'ł':      "l",
	'đ':      "d",
	'ı':      "i",
	'’':      "'",
	'‘':      "'",
	'ʼ':      "'",
	'‐':      "-",
	'‑':      "-",
	'–':      "-",
	'—':      "-",
	'\u00a0': " ",
	'\u202f': " ",
	// Characters that are invisible, or only stretch a word: the Arabic tatweel, Hangul fillers, the empty Braille cell.
	'\u0640': "",
	'\u115f': "",
	'\u1160': "",
	'\u3164': "",
	'\uffa0': "",
	'\u2800': " ",
}

// Fold is s in lower case without accents, for comparing words. at gives for each byte of the result, and for its end,
// the position in s.
func Fold(s string) (folded string, at []int) {
	var b strings.Builder
	b.Grow(len(s))
	at = make([]int, 0, len(s)+1)
	for i, r := range s {
		n := b.Len()
		foldRune(&b, r)
		for range b.Len() - n {
			at = append(at, i)
		}
	}
	return b.String(), append(at, len(s))
}

func foldRune(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf {
		b.WriteRune(unicode.ToLower(r))
		return
	}
	r = unicode.ToLower(r)
	if l, ok := ligatures[r]; ok {
		b.WriteString(l)
		return
	}
	// Invisible characters must not circumvent a rule.
	if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		return
	}
	for _, d := range string(norm.NFKD.AppendString(nil, string(r))) {
		if !unicode.Is(unicode.Mn, d) {
			b.WriteRune(unicode.ToLower(d))
		}
	}
}

// Normalize is a text without case, accents, and the space and punctuation around it; a run of space counts as one.
func Normalize(s string) string {
	folded, _ := Fold(s)
	folded = strings.TrimFunc(folded, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
	})
	return strings.Join(strings.Fields(folded), " ")
}
