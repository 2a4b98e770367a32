package segments

import (
	"slices"
	"testing"

	"parley/whatsapp"
)

// A masked number is found only as a whole, in any notation, and never by a part of it, not even together with the text
// before or after it in the searched text.
func TestSearchedWhole(t *testing.T) {
	t.Parallel()
	const number = "+4917683925741"
	search := "lena brandt lena " + number + ` {"order": "880000123456"}`
	for q, want := range map[string]struct{ masked, whole bool }{
		number:                  {true, true},
		"+49 176 83925741":      {true, true},
		"0176 83925741":         {true, true},
		"0049 176 83925741":     {true, true},
		"17683925741":           {true, true},
		"lena":                  {true, true},
		"880000123456":          {true, true},
		"8800001":               {true, true},
		"":                      {true, true},
		"+4917683":              {false, true},
		"7683925741":            {false, true},
		"lena +49176":           {false, true},
		`741 {"order"`:          {false, true},
		"+":                     {false, true},
		"+4917683925742":        {false, false},
		"omar":                  {false, false},
		"+49 176 83925741 lena": {false, false},
	} {
		if got := Searched(q, true, search, []string{number}); got != want.masked {
			t.Errorf("%q masked: %v", q, got)
		}
		if got := Searched(q, false, search, []string{number}); got != want.whole {
			t.Errorf("%q: %v", q, got)
		}
	}
}

// If the number is also in a name or a field, in any notation, no part of it finds the person. Other digits are found
// by parts.
func TestSearchedWholeInTexts(t *testing.T) {
	t.Parallel()
	numbers := []string{"+4917683925741", "+12025550143"}
	search := `lena 0176/83925741 ٠١٧٦٨٣٩٢٥٧٤١ ` + numbers[0] +
		` {"line": "wa.me/12025550143", "order": "880000123456", "room": "178"}`
	for q, want := range map[string]bool{
		"1768392574": false, "5741": false, "0176": false, "0176 8392574": false, "0176/83": false, "٨٣٩٢": false,
		"1": true, "178": true, "12025550": false, "/12025": false, "wa.me/": true, "8800001": true, "0550143": false,
		numbers[0]: true, "0176 83925741": true, numbers[1]: true, "(202) 555-0143": true, "12025550144": false,
	} {
		if got := Searched(q, true, search, numbers); got != want {
			t.Errorf("%q: %v", q, got)
		}
	}
}

// A number is recognized in any dialling notation, even if its country has prefixes of its own.
func TestSearchedWholeElsewhere(t *testing.T) {
	t.Parallel()
	for number, typed := range map[string][]string{
		"+4917683925741": {"4917683925741.0", "tel:+4917683925741", "whatsapp:+4917683925741", "(0176) 839-25741"},
		"+525512345678":  {"+52 1 55 1234 5678", "+525512345678", "55 1234 5678"},
		"+5491123456789": {"+54 9 11 2345 6789", "011 15 2345 6789"},
		"+5511987654321": {"+55 11 8765 4321", "(11) 98765-4321"},
		"+390612345678":  {"06 1234 5678"},
	} {
		for _, q := range typed {
			m := whatsapp.MatchPhone(number)
			if got, want := Searched(q, true, "x "+number, []string{number}), slices.Contains(wholeMatches(q), m); got != want {
				t.Errorf("%s typed %q: %v, and the list says %v", number, q, got, want)
			}
		}
	}
}

// Every changed row is compared with every open search: most are excluded by their last digits, without parsing the
// text as a number of each country.
func TestSearchedIsCheap(t *testing.T) {
	const number = "+4917683925741"
	for _, q := range []string{"15110010200", "0151 10010200", "+4915110010200", "lena"} {
		if n := testing.AllocsPerRun(20, func() { Searched(q, true, "omar "+number, []string{number}) }); n > 500 {
			t.Errorf("%q: %v allocations", q, n)
		}
	}
}
