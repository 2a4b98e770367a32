// Package phone reads phone numbers: as people type them, as sheets and address books keep them, and as links carry
// them. It is the only parser of numbers in Parley and the only package that imports the phone number library. It first
// interprets a text (clean.go: characters; label.go: links and labels; shape.go: decimals, sums, dates, two numbers in
// one field) and only then joins digits (plan.go: the numbering plans). It has no access to contacts.
package phone

import (
	"strings"
	"unicode"
)

// Verdict is how certain it is that a number is valid.
type Verdict int

// The verdicts. Only a Valid number is accepted without a confirmation.
const (
	Valid      Verdict = iota // it is valid in its country's numbering plan
	Unassigned                // its length is possible, but its country is not known to assign such numbers
	Assumed                   // it had neither + nor a country: one was assumed
)

// Number is a number that was read.
type Number struct {
	E164    string
	Verdict Verdict
}

// Doubt says why a person should check the number before it is accepted, as a sentence; empty for a valid one.
func (n Number) Doubt() string {
	switch n.Verdict {
	case Unassigned:
		return "The length is possible, but the number's country is not known to use such numbers: check the digits."
	case Assumed:
		return "The number has no + in front: check that it begins with a country code."
	case Valid: // no doubt
	}
	return ""
}

// maxText is how long a text can be that is read as a number, in bytes. A link with a prepared message is longer than
// any number.
const maxText = 2000

// Read reads the number in a text. A national number is read as one of home, an ISO 3166 code; an empty home means no
// country. The error is always a *Refusal.
//
// Reading a result again gives the same, and no digit is invented: except for a country's code, and for the digits that
// Argentina and Mexico write differently at home and from abroad, all digits come from the text, in their order.
func Read(text, home string) (Number, error) {
	n, err := read(text, home)
	if err != nil {
		return Number{}, err
	}
	return n, nil
}

// Confirmed reads a number like Read, but a number to check is accepted only if confirmed is the same number in E.164,
// and refused as Unconfirmed otherwise.
func Confirmed(text, home, confirmed string) (string, error) {
	n, err := read(text, home)
	if err != nil {
		return "", err
	}
	if n.Verdict != Valid && confirmed != n.E164 {
		return "", n.Unconfirmed()
	}
	return n.E164, nil
}

// Own reads a number that a business sends from. Besides valid numbers it accepts those with the area code 555, which
// Meta gives to businesses for WhatsApp alone and no numbering plan lists. Source: Meta for Developers, WhatsApp
// Business Platform, "Business phone numbers" (555 numbers).
func Own(text, confirmed string) (string, error) {
	if n, err := read(text, ""); err == nil && strings.HasPrefix(n.E164, "+1555") {
		return n.E164, nil
	}
	return Confirmed(text, "", confirmed)
}

func read(text, home string) (Number, *Refusal) {
	if len(text) > maxText {
		return Number{}, refuse(TooLong)
	}
	s := strip(clean(text))
	if s == "" {
		return Number{}, refuse(Empty)
	}
	if unbroken.MatchString(s) {
		return resolve(s, home)
	}
	s, international, why := unlabel(s)
	if why != "" {
		return Number{}, refuse(why)
	}
	s, why = understand(s)
	if why != "" {
		return Number{}, refuse(why)
	}
	if international && !strings.HasPrefix(s, "+") && !strings.HasPrefix(s, "0") {
		s = "+" + s
	}
	if twoAround(s, home) {
		return Number{}, refuse(TwoNumbers)
	}
	return resolve(s, home)
}

// Looks reports whether a text may be a phone number, even one that can't be accepted: a hint about what a column
// contains.
func Looks(text string) bool {
	if n := digits(clean(text)); n < 7 || n > 20 {
		return false
	}
	_, err := Read(text, "")
	switch ReasonOf(err) {
	case "", NoCountry, TwoNumbers, Extension, Rounded, Grouped:
		return true
	default:
		return false
	}
}

// Fragment is the part of a number in a text, for searches: digits, after a + if it has one. ok is false for a text
// that is something else.
func Fragment(text string) (fragment string, ok bool) {
	if len(text) > maxText {
		return "", false
	}
	s, international, why := unlabel(strip(clean(text)))
	if why != "" || dateForm(s) || strings.Trim(s, "+0123456789 -()./'") != "" {
		return "", false
	}
	if whole, decimal := cutDecimal(s); decimal {
		s = whole
	}
	s = glue(trunk.ReplaceAllString(s, trunkOf(s)))
	if international && s != "" && s[0] != '+' && s[0] != '0' {
		s = "+" + s
	}
	least := 1
	if strings.ContainsFunc(clean(text), unicode.IsLetter) { // "M 12" is a name, "Tel. 0151 23" is a number
		least = 5
	}
	return s, digits(s) >= least
}
