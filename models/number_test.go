package models

import (
	"slices"
	"testing"
)

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "42": 42, "-7": -7, "1.5": 1.5, ".5": .5, "1,5": 1.5, "0,123": .123, "1234,5678": 1234.5678, "1.234": 1.234, "12.0": 12,
		"1.234,5": 1234.5, "1,234.5": 1234.5, "1.234.567": 1234567, "1,234,567": 1234567, "1 234,5": 1234.5, "1\u202f234": 1234,
		"1'234.50": 1234.5, "4.2E3": 4200, "-1.234,5": -1234.5,
	} {
		if got, err := ParseNumber(text); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "x", "1,234", "1.234.5", "1,23,4", "1.2.3", "12,34.56,7", "1 2", "1..5", "1,5,", "0x10", "NaN", "Inf", "1e99", "2026-12-01", "12/5",
	} {
		if got, err := ParseNumber(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestParseCount(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "250": 250, "1000": 1000, "1.000": 1000, "1,000": 1000, "1 000": 1000, "1'000'000": 1000000, "10.0": 10, "1,000.00": 1000,
		"1.000,00": 1000, "10.000": 10000,
	} {
		if got, ok := ParseCount(text); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1.5", "1,5", "10.5", "-1", "1e3", "1.00.0", "x", "1 2", "5000000000", "0.5", "1.0000"} {
		if got, ok := ParseCount(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

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
	if got := searchPattern(" 24/7_ "); got != `%24/7\_%` {
		t.Errorf("a text is searched for as %q", got)
	}
}

func TestParseDate(t *testing.T) {
	for _, text := range []string{
		"2026-01-02", "2026-01-02T00:00", "2026-01-02T00:00:00", "2026-01-02T00:00:00.000Z", "2026-01-02T10:30+02:00",
		"2026-01-02 10:30", "2026-01-02 10:30:00", "2026/01/02", "02.01.2026", "2.1.2026", "2.1.2026 10:30",
	} {
		if got, ok := ParseDate(text); !ok || got.Format("2006-01-02") != "2026-01-02" {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"01/02/2026", "2026-13-01", "20260102", "2026-01-02x", "46024"} {
		if got, ok := ParseDate(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
