package segments

import (
	"strings"
	"unicode"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/whatsapp/phone"
)

// The text that a user with masked numbers may search: whatsapp.WithoutNumbers in SQL. PostgreSQL's regular expressions
// have no Unicode classes, and are slow with long lists of characters, so the texts are normalized first.

const (
	// sixOrOther finds six digits anywhere, or characters that normalizing may change: only such texts need the slow
	// check.
	sixOrOther = "(?:[0-9][^0-9]*){6}|[^ -~]"
	// sixDigits finds six digits in a normalized text with at most three separators between two of them.
	sixDigits = "[0-9](?: {0,3}[0-9]){5}"
	// runOrRest splits a normalized text into runs of such digits and the text between them.
	runOrRest = "[0-9](?: {0,3}[0-9])*|[^0-9]+"
)

var (
	textShownLike = query("shared/text_shown_like")
	textShowsAll  = query("shared/text_shows_all")
)

// shownLike is the condition that a text of contacts c, as SQL, still matches a pattern without the person's own
// numbers.
func shownLike(text, like string, arg func(any) string) string {
	if !strings.ContainsFunc(like, isDigit) { // hiding digits changes nothing
		return text + " LIKE " + arg(like)
	}
	return arg(clause.NamedExpr{SQL: textShownLike, Vars: []any{map[string]any{
		"text":         gorm.Expr(text),
		"like":         like,
		"plain_like":   plain.Replace(like),
		"plain_from":   plainFrom,
		"plain_to":     plainTo,
		"six_or_other": sixOrOther,
		"six_digits":   sixDigits,
		"runs":         runOrRest,
	}}})
}

// showsAll is the condition that a text of contacts c, as SQL, has no run of digits with six consecutive ones in common
// with one of the person's numbers.
func showsAll(text string, arg func(any) string) string {
	return arg(clause.NamedExpr{SQL: textShowsAll, Vars: []any{map[string]any{
		"text":       gorm.Expr(text),
		"plain_from": plainFrom,
		"plain_to":   plainTo,
		"runs":       runOrRest,
	}}})
}

func isDigit(r rune) bool {
	_, ok := phone.Digit(r)
	return ok
}

// A normalized text has ASCII digits for those of every script, and a space for each separator: plainTo has the
// replacement of each character of plainFrom.
var (
	plainFrom, plainTo = plainTable()
	plain              = plainReplacer()
)

func plainTable() (from, to string) {
	var b, out strings.Builder
	add := func(r rune) {
		as := ' '
		if d, ok := phone.Digit(r); ok {
			as = rune(d)
		}
		if r != as {
			b.WriteRune(r)
			out.WriteRune(as)
		}
	}
	for _, r := range "\t()./" {
		add(r)
	}
	for _, t := range []*unicode.RangeTable{unicode.Nd, unicode.Zs, unicode.Pd, unicode.Cf} {
		for _, in := range t.R16 {
			for r := rune(in.Lo); r <= rune(in.Hi); r += rune(in.Stride) {
				add(r)
			}
		}
		for _, in := range t.R32 {
			for r := rune(in.Lo); r <= rune(in.Hi); r += rune(in.Stride) {
				add(r)
			}
		}
	}
	return b.String(), out.String()
}

func plainReplacer() *strings.Replacer {
	var pairs []string
	to := []rune(plainTo)
	for i, r := range []rune(plainFrom) {
		pairs = append(pairs, string(r), string(to[i]))
	}
	return strings.NewReplacer(pairs...)
}
