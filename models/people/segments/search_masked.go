package segments

import (
	"slices"
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// A user who sees masked numbers must not be able to find out a number by searching for more and more of its digits,
// wherever it is written: as the number, in a name, in a field. Searches by such a user (whole) read the texts without
// the person's own numbers, and find a number only as a whole.

// SearchCondition is the condition on contacts c for a search text, empty for an empty text. arg adds a value to the
// statement and returns its placeholder; it is called in the order of the placeholders.
func SearchCondition(q string, whole bool, arg func(any) string) string {
	var or []string
	for _, like := range searchPatterns(q) {
		cond := "c.search LIKE " + arg(like)
		if whole && strings.ContainsFunc(like, inNumbers) { // text without such characters can't be part of a number
			cond = "(" + cond + " AND " + shownLike("replace(c.search, coalesce(c.phone, ''), ' ')", like, arg) + ")"
		}
		or = append(or, cond)
	}
	if whole {
		if matches := wholeMatches(q); len(matches) > 0 {
			// The array is computed once, first: with IN, every contact would be checked.
			or = append(or, "c.id = ANY (ARRAY (SELECT contact_id FROM contact_addresses WHERE match IN "+arg(matches)+"))")
		}
	}
	return strings.Join(or, " OR ")
}

// Searched reports whether a search lets a contact through, by the text that people are found by and their numbers.
func Searched(q string, whole bool, search string, numbers []string) bool {
	if strings.TrimSpace(q) == "" {
		return true
	}
	texts := searchTexts(q)
	if whole {
		for _, n := range numbers { // including its plus
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

// inNumbers reports whether a number may contain the character, in any script.
func inNumbers(r rune) bool { return r == '+' || unicode.IsDigit(r) }

// endsAlike reports whether a text may be a number. It is called for every changed row and every page with a searched
// list, and parsing the text as a number of each country is slow.
func endsAlike(q, number string) bool {
	digits, ok := phone.Fragment(q)
	return ok && strings.HasSuffix(number, digits[max(0, len(digits)-sameEnd):])
}

// sameEnd is how many last digits a number has in common in E.164 and as dialled in any country: only the prefixes
// differ.
const sameEnd = 6

// shortestNumber is the fewest digits of a number that is looked for as a whole.
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
