package spreadsheet

import "testing"

// A workbook's integers keep all their digits; a text that was rounded before it was stored there stays rounded.
func TestAllDigits(t *testing.T) {
	for cell, want := range map[string]string{
		"4.915112350112E12": "4915112350112",
		"4.91511235011E+12": "4915112350110",
		"4.91511E+12":       "4.91511E+12",
		"4915112350112":     "4915112350112",
		"1E5":               "100000",
		"x":                 "x",
		"1.5E0":             "1.5E0",
	} {
		if got := allDigits(cell); got != want {
			t.Errorf("%s: %s, want %s", cell, got, want)
		}
	}
}
