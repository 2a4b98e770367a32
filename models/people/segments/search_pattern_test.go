package segments

import (
	"slices"
	"testing"
)

// A search uses the text as it was typed; for a number also its E.164 form. No other text loses its punctuation.
func TestSearchTexts(t *testing.T) {
	for q, want := range map[string][]string{
		"Ada":                 {"ada"},
		"0151 234":            {"0151234", "151234"},
		"+49 (0) 151 234":     {"+49151234", "+49 (0) 151 234"},
		"+49 151":             {"+49151"},
		"0049 151 12350109":   {"004915112350109", "+4915112350109", "+4915112350109"},
		"4711-0815":           {"47110815", "4711-0815"},
		"2026-12-01":          {"2026-12-01"},
		"10:30":               {"10:30"},
		"24/7":                {"247", "24/7"},
		"\u202a+49151\u202c":  {"+49151", "\u202a+49151\u202c"},
		"+52 1 55 1234 5678":  {"+5215512345678", "+525512345678"},
		"tel:+4915112350109":  {"+4915112350109", "tel:+4915112350109"},
		"+4915112350109.0":    {"+4915112350109", "+4915112350109.0"},
		"https://wa.me/49151": {"+49151", "https://wa.me/49151"},
	} {
		if got := searchTexts(q); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", q, got, want)
		}
	}
	if got := SearchPattern(" 24/7_ "); got != `%24/7\_%` {
		t.Errorf("a text is searched for as %q", got)
	}
}
