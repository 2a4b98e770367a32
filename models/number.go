package models

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	pointed   = regexp.MustCompile(`^[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,2})?$`)                      // 1234.5, 1.234
	withComma = regexp.MustCompile(`^[+-]?(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+)$`)                 // 1234,5
	unclear   = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2},[0-9]{3}$`)                                     // 1,234
	byPoints  = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})$`) // 1.234,5
	byCommas  = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})$`)  // 1,234.5
	whole     = regexp.MustCompile(`^(?:[0-9]+|[1-9][0-9]{0,2}(?:[., '’\x{a0}\x{202f}][0-9]{3})+)(?:[.,]0{1,2})?$`)
	bySpaces  = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}(?:[ '’\x{a0}\x{202f}][0-9]{3})+(?:[.,][0-9]+)?$`)
)

// AmbiguousNumber is the error for a number that has two meanings, with an unambiguous form of each.
type AmbiguousNumber struct{ Whole, Fraction string }

func (e *AmbiguousNumber) Error() string { return "neither surely " + e.Whole + " nor " + e.Fraction }

var errNoNumber = errors.New("no number")

// ParseNumber reads a number as people and spreadsheets write it: with a decimal point or comma, and with thousands
// separators where they can't be misread. A single point is the decimal point, as programs write it; 1,234 has two
// meanings and is refused with an AmbiguousNumber.
func ParseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	plain := ""
	switch {
	case pointed.MatchString(text):
		plain = text
	case withComma.MatchString(text):
		plain = strings.Replace(text, ",", ".", 1)
	case unclear.MatchString(text):
		point, whole := strings.Replace(text, ",", ".", 1), strings.Replace(text, ",", "", 1)
		return 0, &AmbiguousNumber{Whole: whole, Fraction: point + "0"}
	case byPoints.MatchString(text):
		plain = strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	case byCommas.MatchString(text):
		plain = strings.ReplaceAll(text, ",", "")
	case bySpaces.MatchString(text):
		plain = strings.NewReplacer(" ", "", "'", "", "’", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(text)
	}
	n, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > 1e15 {
		return 0, errNoNumber
	}
	return n, nil
}

// ParseCount reads a number of things: 1000, 1.000 or 1,000, and 1000.0 as a spreadsheet writes it. ok is false for
// text that is not a whole number, and for more than a billion.
func ParseCount(text string) (n int, ok bool) {
	text = strings.TrimSpace(text)
	if !whole.MatchString(text) {
		return 0, false
	}
	for _, zeros := range []string{".00", ",00", ".0", ",0"} {
		text = strings.TrimSuffix(text, zeros)
	}
	n, err := strconv.Atoi(
		strings.NewReplacer(".", "", ",", "", " ", "", "'", "", "’", "", "\u00a0", "", "\u202f", "").Replace(text),
	)
	return n, err == nil && n <= 1_000_000_000
}
