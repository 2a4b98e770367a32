package models

import (
	"slices"
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// A number that is masked for a reader must not be found out by searching for more and more of its digits, wherever
// it stands: as the number, in a name, in a field. Searches of people by such a reader (whole) look through the texts
// without the person's own numbers, and for a number only as a whole.

// searchCondition is the condition on contacts c for what a person typed, empty for nothing. arg takes a value of the
// statement and returns its place: it is called in the order of the places.
func searchCondition(q string, whole bool, arg func(any) string) string {
	var or []string
	for _, like := range searchPatterns(q) {
		cond := "c.search LIKE " + arg(like)
		if whole && strings.ContainsFunc(like, inNumbers) { // what has none of these lies outside of numbers
			cond = "(" + cond + " AND " + shownLike("replace(c.search, coalesce(c.phone, ''), ' ')", like, arg) + ")"
		}
		or = append(or, cond)
	}
	if whole {
		if matches := wholeMatches(q); len(matches) > 0 {
			// An array is read once, before: with IN, every contact would be looked at.
			or = append(or, "c.id = ANY (ARRAY (SELECT contact_id FROM contact_addresses WHERE match IN "+arg(matches)+"))")
		}
	}
	return strings.Join(or, " OR ")
}

// searched reports whether a search lets a contact through, by the text that people are found by and their numbers.
func searched(q string, whole bool, search string, numbers []string) bool {
	if strings.TrimSpace(q) == "" {
		return true
	}
	texts := searchTexts(q)
	if whole {
		for _, n := range numbers { // with its plus
			search = strings.ReplaceAll(search, n, " ")
		}
		search = plain.Replace(whatsapp.WithoutNumbers(search, numbers))
		for i := range texts {
			texts[i] = plain.Replace(texts[i])
		}
	}
	if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(search, text) }) {
		return true
	}
	if !whole || !slices.ContainsFunc(numbers, func(n string) bool { return endsAlike(q, n) }) {
		return false
	}
	matches := wholeMatches(q)
	return slices.ContainsFunc(numbers, func(n string) bool {
		return slices.Contains(matches, whatsapp.MatchPhone(n))
	})
}

// inNumbers reports whether a number may have the character, in whatever script it is written.
func inNumbers(r rune) bool { return r == '+' || unicode.IsDigit(r) }

// endsAlike reports whether a text may be a number. It is asked for every row that changes, on every page whose list is
// searched, and reading the text as a number of each country takes long.
func endsAlike(q, number string) bool {
	digits, ok := phone.Fragment(q)
	return ok && strings.HasSuffix(number, digits[max(0, len(digits)-sameEnd):])
}

// sameEnd is how many digits a number ends with in E.164 as it does wherever it is dialled: prefixes stand before them.
const sameEnd = 6

// shortestNumber is how many digits a number has at least that is looked for as a whole.
const shortestNumber = 7

// wholeMatches are the numbers that a text may be, in E.164 or as it is dialled in any country, as
// contact_addresses.match has them.
func wholeMatches(q string) []string {
	digits, ok := phone.Fragment(q)
	if !ok || len(strings.TrimPrefix(digits, "+")) < shortestNumber {
		return nil
	}
	var out []string
	add := func(number string) {
		if m := whatsapp.MatchPhone(number); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if n, err := phone.Read(q, ""); err == nil {
		add(n.E164)
	}
	if strings.HasPrefix(digits, "+") {
		return out
	}
	for _, country := range phone.Countries() {
		if n, err := phone.Read(q, country); err == nil {
			add(n.E164)
		}
	}
	return out
}
