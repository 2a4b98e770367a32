package models

import "testing"

// A masked number lets a search through as a whole, however it is written, and by none of its parts, not even beside what
// stands before or after it in the text that people are found by.
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
		if got := searched(q, true, search, number); got != want.masked {
			t.Errorf("%q masked: %v", q, got)
		}
		if got := searched(q, false, search, number); got != want.whole {
			t.Errorf("%q: %v", q, got)
		}
	}
}
