package models

import (
	"strings"
	"unicode"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/whatsapp/phone"
)

// What a reader with masked numbers may search through, as PostgreSQL says it: whatsapp.WithoutNumbers in SQL. Its
// regular expressions know no classes of Unicode, and are slow with long lists of characters: the texts are made
// plain first.

const (
	// sixOrOther finds six digits anywhere, or characters that making plain may change: nothing else takes that time.
	sixOrOther = "(?:[0-9][^0-9]*){6}|[^ -~]"
	// sixDigits finds six digits in a plain text with at most three separators between two of them.
	sixDigits = "[0-9](?: {0,3}[0-9]){5}"
	// runOrRest cuts a plain text into runs of such digits, and what stands between them.
	runOrRest = "[0-9](?: {0,3}[0-9])*|[^0-9]+"
)

var (
	textShownLike = query("shared/text_shown_like")
	textShowsAll  = query("shared/text_shows_all")
)

// shownLike is the condition that a text of contacts c, as SQL, is like a pattern also without the person's own
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

// showsAll is the condition that a text of contacts c, as SQL, has no run of digits that has six in a row in common
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

// A text is plain with ASCII's digits for those of every script, and a space for each separator: plainTo has what each
// character of plainFrom becomes.
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
