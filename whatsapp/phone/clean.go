package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean writes a text in the plain characters that the rest of the package understands: ASCII digits for the decimal
// digits of every script, one kind of space, dash, plus, bracket and quotation mark. Invisible characters are dropped.
// A line break stays, because it separates. Superscripts and digits in circles are not digits of a number: they stay,
// and are refused later.
func clean(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= 0xFF01 && r <= 0xFF5E { // full-width forms of ASCII
			r -= 0xFEE0
		}
		to, known := plain[r]
		if !known {
			to = byCategory(r)
		}
		if to != dropped {
			b.WriteRune(to)
		}
	}
	return b.String()
}

// byCategory is the plain character for one that the table does not name.
func byCategory(r rune) rune {
	switch {
	case r == utf8.RuneError, r < utf8.RuneSelf && r >= ' ' && r != 0x7F:
		return r
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return '\n'
	case invisible(r):
		return dropped
	case unicode.Is(unicode.Nd, r):
		d, _ := Digit(r)
		return rune(d)
	case unicode.Is(unicode.Pd, r):
		return '-'
	}
	return r
}

// invisible reports characters that only change how others look, and control characters.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Digit is the ASCII digit for a decimal digit of any script; ok is false for every other character. Each script's
// digits stand in a row from 0 to 9, and Unicode's ranges of them begin with a 0.
func Digit(r rune) (d byte, ok bool) {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10), true
		}
	}
	return 0, false
}

// dropped marks characters of the table that are left out.
const dropped = -1

var plain = table(map[rune]string{
	'\n': "\r\v\f\u0085",
	// middle dots, and blanks that Unicode doesn't count as spaces
	' ':     "\t\u00b7\u2027\u2219\u22c5\u30fb\uff65\u2800\u3164\u115f\u1160\uffa0",
	'+':     "\ufe62\u207a\u208a\u2795",
	'-':     "\u2212\u2043\u02d7\u2796\u30fc\uff70",
	'.':     "\u2024\u3002\uff61",
	',':     "\u060c\u3001\uff64\ufe50\u066b",
	';':     "\u061b\ufe54",
	':':     "\ufe55",
	'/':     "\u2044\u2215\u29f8",
	'|':     "\u00a6",
	'(':     "[{\u3010\u3014",
	')':     "]}\u3011\u3015",
	'\'':    "\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u00b4\u02bc\u2032\u066c",
	'x':     "\u00d7",
	dropped: "\u20e3", // the frame of a key
})

func table(groups map[rune]string) map[rune]rune {
	out := map[rune]rune{'\n': '\n'}
	for to, from := range groups {
		for _, r := range from {
			out[r] = to
		}
	}
	return out
}

// strip removes meaningless characters around a number: spaces, quotation marks, the apostrophe and the ="…" that
// prevents spreadsheets from rounding a number, and a trailing separator.
func strip(s string) string {
	return strings.TrimRight(strings.TrimLeft(s, " \n'="), " \n'.,;|&")
}
