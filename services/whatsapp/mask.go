package whatsapp

import (
	"regexp"
	"strings"
)

// The beginning and the end of a masked number stay readable: enough to tell people apart, not to call them.
const (
	maskHead = 3 // digits
	maskTail = 2
	// maskFrom is how many digits in a row are kept from who sees masked numbers.
	maskFrom = 6
)

var (
	// digitRun is a number however it is written: digits with at most three separators between two of them.
	digitRun = regexp.MustCompile(`[0-9](?:[ \x{00a0}\x{2009}\x{202f}()./\-]{0,3}[0-9])*`)
	// international is a number with its plus.
	international = regexp.MustCompile(`\+[ (]?[0-9](?:[ \x{00a0}\x{2009}\x{202f}()./\-]{0,3}[0-9]){5,}`)
	// aDate is the beginning of what is a date, or a date and a time.
	aDate = regexp.MustCompile(`^(?:(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./](?:19|20)[0-9]{2})(?:[^0-9]|$)`)
)

// MaskPhone hides the middle of a number: enough to tell people apart, not to call them.
func MaskPhone(phone string) string { return maskRun(ShowPhone(phone)) }

// MaskNumbers hides the middle of every international number in a text of Parley's own, such as a refusal. keep are numbers
// in E.164 that everybody may read: the business's own. A number that a sentence gives as an example stays.
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

// MaskCell hides the middle of whatever may be a phone number in a cell of somebody's file. Dates and short numbers stay.
func MaskCell(text string) string {
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		if aDate.MatchString(run) || len(digitsOf(run)) <= maskFrom {
			return run
		}
		return maskRun(run)
	})
}

// HideNumber hides the middle of one number wherever a text has it, or six of its digits in a row, however written. Other
// numbers stay.
func HideNumber(text, number string) string {
	whole := digitsOf(number)
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		if d := digitsOf(run); shared(d, whole) {
			return maskRun(run)
		}
		return run
	})
}

// shared reports whether two numbers have maskFrom digits in a row in common.
func shared(a, b string) bool {
	for i := 0; i+maskFrom <= len(a); i++ {
		if strings.Contains(b, a[i:i+maskFrom]) {
			return true
		}
	}
	return false
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func maskRun(run string) string {
	out, digits, seen := []rune(run), len(digitsOf(run)), 0
	for i, r := range out {
		if r < '0' || r > '9' {
			continue
		}
		if seen++; seen > maskHead && seen <= digits-maskTail {
			out[i] = '•'
		}
	}
	return string(out)
}
