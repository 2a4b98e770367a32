package phone

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	isoDate = regexp.MustCompile(
		`^(19|20)[0-9]{2}([-./])(0?[1-9]|1[0-2])[-./](0?[1-9]|[12][0-9]|3[01])([ T][0-9:.Z+-]*)?$`,
	)
	dayFirst = regexp.MustCompile(
		`^(0?[1-9]|[12][0-9]|3[01])[-./](0?[1-9]|[12][0-9]|3[01])[-./](19|20)[0-9]{2}([ T][0-9:.Z+-]*)?$`,
	)
	exponent  = regexp.MustCompile(`^([+-]?)([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,2})$`)
	extension = regexp.MustCompile(
		`(?i)(?:[ ,;.(-]*(?:ext|extn|extension|x|#|durchwahl|dw|poste|anexo|ramal|interno|доб)[ .:=]*|` +
			`[0-9] *,, *)[0-9]{1,7}\)?$`,
	)
	joined = regexp.MustCompile(`[^0-9+(). '/,-]+`) // words and signs between two numbers
	groups = regexp.MustCompile(
		`^[0-9]{1,3}(?:(?:\.[0-9]{3}){2,}(?:,[0-9]+)?|(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|(?:'[0-9]{3}){2,}(?:[.,][0-9]+)?)$`,
	)
	decimal  = regexp.MustCompile(`^([^.,]*[0-9])[.,]([0-9]+)$`)
	unbroken = regexp.MustCompile(`^\+?[0-9]+$`)
	trunk    = regexp.MustCompile(`\( *0 *\)`)
)

func dateForm(s string) bool { return isoDate.MatchString(s) || dayFirst.MatchString(s) }

// understand interprets a text without its label, and returns it without a fraction of zeros. A text that is not a
// phone number is refused with the reason. Digits are not joined here.
func understand(s string) (string, Reason) {
	if dateForm(s) {
		return "", Date
	}
	if strings.ContainsAny(s, "•*…") {
		return "", Hidden
	}
	if strings.ContainsRune(s, utf8.RuneError) {
		return "", NotANumber
	}
	if m := exponent.FindStringSubmatch(s); m != nil {
		return scientific(m)
	}
	if extension.MatchString(s) && strings.ContainsAny(s[:len(s)-1], "0123456789") {
		return "", Extension
	}
	if why := several(s); why != "" {
		return "", why
	}
	s, why := pluses(s)
	if why != "" {
		return "", why
	}
	if whole, is := cutDecimal(s); is {
		s = whole
	}
	if fraction(s) {
		return "", Decimal
	}
	if !marked(s) && groups.MatchString(s) {
		return "", Grouped
	}
	if strings.Contains(s, ",") {
		return "", NotANumber
	}
	return s, ""
}

// marked reports whether a number begins as only phone numbers do: with a +, a 0 or a bracket.
func marked(s string) bool { return s != "" && strings.ContainsRune("+0(", rune(s[0])) }

// scientific reads 4.915112350109E+12 if all digits are there. A spreadsheet shows fewer, and then the rest is lost.
func scientific(m []string) (string, Reason) {
	places := 0
	for _, d := range m[4] {
		places = places*10 + int(d-'0')
	}
	digits := m[2] + m[3]
	if m[1] == "-" || len(m[3]) < places {
		return "", Rounded
	}
	if strings.Trim(m[3][places:], "0") != "" {
		return "", Decimal
	}
	return m[1] + digits[:len(m[2])+places], ""
}

// several refuses text between or after the digits of one number: another number, words, other signs.
func several(s string) Reason {
	var counts []int
	for _, part := range joined.Split(s, -1) {
		if n := digits(part); n > 0 {
			counts = append(counts, n)
		}
	}
	between := joined.FindString(s)
	if len(counts) == 0 {
		return noDigits(s)
	}
	if len(counts) > 1 {
		switch {
		case counts[0] >= 5 && counts[1] >= 5, between == "\n":
			return TwoNumbers
		case strings.TrimSpace(between) == ";":
			return Extension
		}
	}
	switch {
	case between != "" && strings.ContainsFunc(s, unicode.IsLetter):
		return Letters
	case between != "":
		return NotANumber
	}
	if parts := strings.Split(s, ","); len(parts) > 1 && digits(parts[0]) >= 7 && digits(parts[1]) >= 7 {
		return TwoNumbers
	}
	return ""
}

func noDigits(s string) Reason {
	if strings.ContainsFunc(s, unicode.IsLetter) {
		return Letters
	}
	return Empty
}

// pluses leaves one + at the beginning. One after the digits comes from a number that was copied from right-to-left
// text.
func pluses(s string) (string, Reason) {
	first := strings.IndexAny(s, "0123456789")
	head, body := s[:first], s[first:]
	if at := strings.IndexByte(body, '+'); at >= 0 {
		before, after := digits(body[:at]), digits(body[at:])
		switch {
		case after > 0 && before >= 4:
			return "", TwoNumbers
		case after > 0, strings.Contains(head, "+"), body[0] == '0':
			return "", NotANumber
		}
		body, head = strip(body[:at]), "+"
	}
	if strings.Contains(head, "+") {
		return "+" + strings.ReplaceAll(strings.TrimLeft(head, "+ ("), "+", "") + body, ""
	}
	return strings.TrimLeft(head, " -./") + body, ""
}

// cutDecimal removes the fraction of zeros that a spreadsheet adds to a numeric cell: 4915112350109.0. A text with more
// than one point is not a decimal: 06.12.34.56.00 is a number in France.
func cutDecimal(s string) (whole string, is bool) {
	m := decimal.FindStringSubmatch(s)
	if m == nil || strings.Trim(m[2], "0") != "" {
		return s, false
	}
	long := digits(m[1]) >= 7
	if unbroken.MatchString(m[1]) && (long || len(m[2]) <= 2) || len(m[2]) == 1 {
		return m[1], true
	}
	return s, false
}

// fraction reports a number with one decimal point. One point after an area code is a separator, unless the number is
// as short as an amount or a coordinate.
func fraction(s string) bool {
	m := decimal.FindStringSubmatch(s)
	switch {
	case m == nil:
		return false
	case !unbroken.MatchString(m[1]):
		return strings.Trim(m[2], "0") == "" && len(m[2]) == 2
	}
	before, after := digits(m[1]), len(m[2])
	if marked(s) {
		return before >= 7 && after <= 2
	}
	return before >= 7 || after <= 2 || before+after < 10
}

func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// glue joins the digits of an interpreted number, after its + if it has one.
func glue(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
}
