package whatsapp

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"parley/whatsapp/phone"
)

// The beginning and the end of a masked number stay readable: enough to tell people apart, not to call them.
const (
	maskHead = 3 // digits
	maskTail = 2
	// maskFrom is how many consecutive digits of a number are hidden from users who see masked numbers.
	maskFrom = 6
)

// between are the separators of a number's digits: what looks like a space or a dash, what can't be seen, and a few
// signs.
const between = `[\t\p{Zs}\p{Pd}\p{Cf}()./]`

var (
	// digitRun is a number in any format: digits of any script with at most three separators between two of them.
	digitRun = regexp.MustCompile(`\p{Nd}(?:` + between + `{0,3}\p{Nd})*`)
	// international is a number with its plus.
	international = regexp.MustCompile(`[+＋][ (]?\p{Nd}(?:` + between + `{0,3}\p{Nd}){5,}`)
	// aDate is the beginning of a date, or of a date and a time.
	aDate = regexp.MustCompile(
		`^(?:(?:19|20)[0-9]{2}-` + month + `-` + day + `|` + day + `[./]` + day + `[./](?:19|20)[0-9]{2})(?:[^0-9]|$)`,
	)
)

const (
	month = `(?:0?[1-9]|1[0-2])`
	day   = `(?:0?[1-9]|[12][0-9]|3[01])`
)

// MaskPhone hides the middle of a number: enough to tell people apart, not to call them.
func MaskPhone(number string) string { return maskRun(ShowPhone(number)) }

// MaskNumbers hides the middle of every international number in a text of Parley's own, such as a refusal. keep are
// numbers in E.164 that everybody may read: the business's own. A number that a sentence gives as an example stays.
func MaskNumbers(text string, keep []string) string {
	var out strings.Builder
	at := 0
	for _, span := range international.FindAllStringIndex(text, -1) {
		run, known := text[span[0]:span[1]], strings.HasSuffix(text[:span[0]], "example ")
		for _, k := range keep {
			known = known || digitsOf(run) == digitsOf(k)
		}
		if !known {
			run = maskRun(run)
		}
		out.WriteString(text[at:span[0]] + run)
		at = span[1]
	}
	return out.String() + text[at:]
}

// HasNumber reports whether MaskNumbers could find a number in a text.
func HasNumber(text string) bool { return international.MatchString(text) }

// MaskCell hides the middle of anything that may be a phone number in a cell of an uploaded file. Dates and short
// numbers stay.
func MaskCell(text string) string { return MaskText(text, nil) }

// MaskText hides the middle of anything that may be a phone number in a text that somebody wrote, with or without its
// plus. Dates and short numbers stay, and so do the numbers in keep (E.164), in any format.
func MaskText(text string, keep []string) string {
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		if date := aDate.FindString(run); date != "" {
			return date + MaskText(run[len(date):], keep)
		}
		if d := digitsOf(run); len(d) <= maskFrom || known(d, keep) {
			return run
		}
		return maskRun(run)
	})
}

// known reports whether digits are one of the numbers: whole, or without the country as it is dialled at home or
// abroad.
func known(digits string, numbers []string) bool {
	digits = strings.TrimLeft(digits, "0")
	for _, n := range numbers {
		if len(digits) > maskFrom && strings.HasSuffix(digitsOf(n), digits) {
			return true
		}
	}
	return false
}

// HideNumbers hides the middle of one person's numbers wherever a text has one, or six consecutive digits of it, in any
// format. Other numbers stay.
func HideNumbers(text string, numbers []string) string {
	wholes := make([]string, len(numbers))
	for i, n := range numbers {
		wholes[i] = digitsOf(n)
	}
	return hide(text, wholes)
}

// WithoutNumbers is a text without the runs of digits in which HideNumbers would hide some: the part that users who see
// masked numbers may search.
func WithoutNumbers(text string, numbers []string) string {
	wholes := make([]string, len(numbers))
	for i, n := range numbers {
		wholes[i] = digitsOf(n)
	}
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		if theirs(run, wholes) {
			return " "
		}
		return run
	})
}

// theirs reports whether a run of digits may be a part of one of the numbers.
func theirs(run string, wholes []string) bool {
	d := digitsOf(run)
	return slices.ContainsFunc(wholes, func(w string) bool { return shared(d, w) })
}

// MaskName hides one person's numbers in one of their names. A name without a letter is treated as a number, no matter
// whose.
func MaskName(name string, numbers []string) string {
	if !strings.ContainsFunc(name, unicode.IsLetter) {
		return MaskCell(name)
	}
	return HideNumbers(name, numbers)
}

// PutBack restores the digits of an edited text that the user saw with some runs of digits hidden by hidden: runs that
// are unchanged get their digits from the stored text.
func PutBack(text, stored string, hidden func(run string) string) string {
	for _, run := range digitRun.FindAllString(stored, -1) {
		if shown := hidden(run); shown != run {
			text = strings.Replace(text, shown, run, 1)
		}
	}
	return text
}

func hide(text string, wholes []string) string {
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		switch date := aDate.FindString(run); {
		case !theirs(run, wholes):
			return run
		case date != "" && !theirs(date, wholes):
			return date + hide(run[len(date):], wholes)
		}
		return maskRun(run)
	})
}

// shared reports whether two numbers have maskFrom consecutive digits in common.
func shared(a, b string) bool {
	for i := 0; i+maskFrom <= len(a); i++ {
		if strings.Contains(b, a[i:i+maskFrom]) {
			return true
		}
	}
	return false
}

// digitsOf are the digits of a text in ASCII, whatever their script.
func digitsOf(s string) string {
	var out []byte
	for _, r := range s {
		if d, ok := phone.Digit(r); ok {
			out = append(out, d)
		}
	}
	return string(out)
}

func maskRun(run string) string {
	out, digits, seen := []rune(run), len(digitsOf(run)), 0
	for i, r := range out {
		if _, ok := phone.Digit(r); !ok {
			continue
		}
		if seen++; seen > maskHead && seen <= digits-maskTail {
			out[i] = '•'
		}
	}
	return string(out)
}
