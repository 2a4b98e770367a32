package phone

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// bare is the number of digits from which on a number without + and without a home country is assumed to have lost its
// +. Shorter ones may be national numbers of any country.
const bare = 12

// resolve finds the number that an interpreted text means in the numbering plans.
func resolve(s, home string) (Number, *Refusal) {
	n, why := byPrefix(glue(trunk.ReplaceAllString(s, trunkOf(s))), home)
	if trunk.MatchString(s) && (why != nil || n.Verdict != Valid) { // in Italy the (0) belongs to the number
		if kept, not := byPrefix(glue(s), home); not == nil && kept.Verdict == Valid {
			return kept, nil
		}
	}
	return n, why
}

// trunkOf replaces (0), which is dialled within a country only: after a country's code it is removed.
func trunkOf(s string) string {
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") {
		return ""
	}
	return "0"
}

// byPrefix finds the number that joined digits mean by what they begin with: a +, a 00, or neither.
func byPrefix(s, home string) (Number, *Refusal) {
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		return international(strings.TrimPrefix(rest, "00"))
	}
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		return dialledAbroad(s, rest, home)
	}
	if home == "" {
		return assumed(s)
	}
	return unprefixed(s, home)
}

// dialledAbroad reads digits with a 00, which is dialled before a country's code nearly everywhere. rest are the digits
// after it.
func dialledAbroad(s, rest, home string) (Number, *Refusal) {
	n, why := international(rest)
	if why == nil && n.Verdict == Valid || home == "" {
		return n, why
	}
	if at, not := national(s, home); not == nil && at.Verdict == Valid {
		return at, nil // 0011 in Australia
	}
	return n, why
}

// unprefixed reads digits as they are dialled at home, or as another country's that lost their +.
func unprefixed(s, home string) (Number, *Refusal) {
	n, why := national(s, home)
	if s[0] == '0' {
		return n, why
	}
	full, not := international(s)
	if not != nil || full.Verdict != Valid {
		return n, why
	}
	own := strings.HasPrefix(s, strconv.Itoa(phonenumbers.GetCountryCodeForRegion(home)))
	switch {
	case own && (mobile(full.E164) || why != nil || n.Verdict != Valid):
		return full, nil // a sheet dropped the + of a number that is written in full
	case own || len(s) < bare:
		return n, why
	case why != nil && why.Reason == TooLong: // too long for home: it can only be another country's
		return full, nil
	case why != nil || n.Verdict != Valid:
		return Number{full.E164, Assumed}, nil
	}
	return n, nil
}

// assumed reads digits without + and home: long ones that are valid with a + are read so, for a person to confirm.
func assumed(s string) (Number, *Refusal) {
	if len(s) < 6 {
		return Number{}, refuse(TooShort)
	}
	if n, why := international(s); s[0] != '0' && len(s) >= bare && why == nil && n.Verdict == Valid {
		return Number{n.E164, Assumed}, nil
	}
	return Number{}, refuse(NoCountry)
}

// international reads digits that begin with a country's code. Mexico's numbers had a 1 after it until 2019, and
// WhatsApp still writes it.
func international(digits string) (Number, *Refusal) {
	if rest, ok := strings.CutPrefix(digits, "521"); ok && len(rest) == 10 {
		digits = "52" + rest
	}
	return parse("+"+digits, "")
}

func national(digits, home string) (Number, *Refusal) {
	if len(digits) < 6 { // emergency and other short numbers, which don't have WhatsApp
		return Number{}, refuse(TooShort)
	}
	return parse(digits, home)
}

// parse calls the library until its result stays the same: for some numbers it removes a prefix each time.
func parse(text, region string) (Number, *Refusal) {
	for range 3 {
		n, err := phonenumbers.Parse(text, region)
		if err != nil {
			return Number{}, refuse(reasonOf(err, text))
		}
		switch phonenumbers.IsPossibleNumberWithReason(n) {
		case phonenumbers.IS_POSSIBLE:
		case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
			return Number{}, refuse(TooShort)
		case phonenumbers.TOO_LONG:
			return Number{}, refuse(TooLong)
		case phonenumbers.INVALID_COUNTRY_CODE:
			return Number{}, refuse(UnknownCountry)
		default:
			return Number{}, refuse(WrongLength)
		}
		out := phonenumbers.Format(n, phonenumbers.E164)
		if !e164.MatchString(out) {
			return Number{}, refuse(WrongLength)
		}
		if out == text {
			verdict := Unassigned
			if phonenumbers.IsValidNumber(n) {
				verdict = Valid
			}
			return Number{out, verdict}, nil
		}
		text, region = out, ""
	}
	return Number{}, refuse(NotANumber)
}

func reasonOf(err error, text string) Reason {
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode) && strings.HasPrefix(text, "+"):
		return UnknownCountry
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return NoCountry
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return TooShort
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return TooLong
	}
	return NotANumber
}

func mobile(e164 string) bool {
	n, err := phonenumbers.Parse(e164, "")
	return err == nil && phonenumbers.GetNumberType(n) == phonenumbers.MOBILE
}

// twoAround reports two whole numbers around a slash or a gap: 030 1234567 / 0151 12350109, 030 1234567/68. There is
// one in 0151/12350109, and in 06/12/34/56/78.
func twoAround(s, home string) bool {
	either := marked(s) && strings.Count(s, "/") == 1
	for i, r := range s {
		if !strings.ContainsRune(" -/", r) {
			continue
		}
		left, right := s[:i], s[i+1:]
		if digits(left) < 9 || digits(right) == 0 || r != '/' && digits(right) < 9 {
			continue
		}
		if n, why := resolve(left, home); why == nil && n.Verdict == Valid {
			if whole, not := resolve(s, home); r == '/' && either || not != nil || whole.Verdict != Valid {
				return true
			}
		}
	}
	return false
}

// Show writes a number in E.164 with the spaces that its country uses.
func Show(number string) string { return format(number, phonenumbers.INTERNATIONAL) }

// ShowNational writes a number in E.164 as it is dialled in its own country.
func ShowNational(number string) string { return format(number, phonenumbers.NATIONAL) }

func format(number string, as phonenumbers.PhoneNumberFormat) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return number
	}
	return phonenumbers.Format(n, as)
}

// Known reports whether two letters are a country that has phone numbers.
func Known(country string) bool { return phonenumbers.GetCountryCodeForRegion(country) != 0 }

// Countries are the countries that have phone numbers, by their two letters.
func Countries() []string {
	var out []string
	for r := range phonenumbers.GetSupportedRegions() {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// Country is the two-letter region of a number in E.164, empty where none is known.
func Country(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	if r := phonenumbers.GetRegionCodeForNumber(n); r != "ZZ" {
		return r
	}
	return ""
}

// TimeZone guesses a person's time zone from the number: the one zone of its area or country, empty where there are
// several.
func TimeZone(number string) string {
	zones, err := phonenumbers.GetTimezonesForPrefix(number)
	if err != nil || len(zones) != 1 || zones[0] == "Etc/Unknown" {
		return ""
	}
	return zones[0]
}
