package people

import "testing"

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
