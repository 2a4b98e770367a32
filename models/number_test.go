package models

import "testing"

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
