package whatsapp

import (
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Opening hours follow the local clock, across nights, weekends, closed days, and clock changes.
func TestHours(t *testing.T) {
	h := DefaultHours()
	if !h.Open(at(t, "2026-11-22T03:00:00Z")) {
		t.Error("without hours it is always open")
	}
	h.On, h.Zone, h.Shut = true, "Europe/Berlin", []string{"2026-12-25"}
	if p := h.Problem(); p != "" {
		t.Fatal(p)
	}
	for when, open := range map[string]bool{
		"2026-11-23T08:00:00Z": true,  // Monday, 9:00 in Berlin
		"2026-11-23T07:59:59Z": false, // a second before
		"2026-11-23T16:00:00Z": false, // 17:00
		"2026-11-22T10:00:00Z": false, // Sunday
		"2026-12-25T10:00:00Z": false, // closed
		"2026-07-06T07:00:00Z": true,  // summer: 9:00 is 7:00 UTC
	} {
		if h.Open(at(t, when)) != open {
			t.Errorf("open at %s: %v", when, !open)
		}
	}
	for _, c := range [][3]string{
		{"2026-11-23T08:00:00Z", "30m", "2026-11-23T08:30:00Z"},
		{"2026-11-23T15:45:00Z", "30m", "2026-11-24T08:15:00Z"}, // over night
		{"2026-11-20T15:30:00Z", "1h", "2026-11-23T08:30:00Z"},  // Friday evening to Monday morning
		{"2026-12-24T15:30:00Z", "1h", "2026-12-28T08:30:00Z"},  // Christmas is closed, then a weekend
		{"2026-11-22T12:00:00Z", "10m", "2026-11-23T08:10:00Z"},
		{"2026-03-27T15:30:00Z", "1h", "2026-03-30T07:30:00Z"}, // the clock changes on Sunday
	} {
		d, err := time.ParseDuration(c[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Add(at(t, c[0]), d); !got.Equal(at(t, c[2])) {
			t.Errorf("%s and %s of opening hours: %s, not %s", c[0], c[1], got.UTC().Format(time.RFC3339), c[2])
		}
	}
	for name, bad := range map[string]func(*Hours){"zone": func(h *Hours) { h.Zone = "Nowhere/Else" }, "backwards": func(h *Hours) { h.Days[1] = Day{From: 600, To: 500} }, "never": func(h *Hours) { h.Days = [7]Day{} }, "day": func(h *Hours) { h.Shut = []string{"25.12."} }} {
		x := h
		bad(&x)
		if x.Problem() == "" {
			t.Errorf("%s is taken", name)
		}
	}
}

// Joining the blocks gives the original text, except for the marks at line starts.
func TestBlocks(t *testing.T) {
	got := Blocks("Hi\n> one\n> two\nthen\n* a\n- b\nend")
	var b strings.Builder
	for _, x := range got {
		switch {
		case x.Quote:
			b.WriteString("[q:" + x.Text + "]")
		case x.Bullet:
			b.WriteString("[b:" + x.Text + "]")
		default:
			b.WriteString("[" + x.Text + "]")
		}
	}
	if want := "[Hi\n][q:one\ntwo][then\n][b:a][b:b][end]"; b.String() != want {
		t.Errorf("%q, not %q", b.String(), want)
	}
	for _, plain := range []string{"", "a > b", "5 * 6", "x-y", "```\n> code\n```"} {
		if got := Blocks(plain); len(got) != 1 || got[0].Text != plain || got[0].Quote {
			t.Errorf("%q became %+v", plain, got)
		}
	}
}

func TestHoursProblem(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*Hours)
		ok     bool
	}{
		{"the default", func(*Hours) {}, true},
		{"open all day", func(h *Hours) { h.Days[1] = Day{From: 0, To: 24 * 60} }, true},
		{"a minute too long", func(h *Hours) { h.Days[1] = Day{From: 0, To: 24*60 + 1} }, false},
		{"before midnight", func(h *Hours) { h.Days[1] = Day{From: -1, To: 60} }, false},
		{"closes before it opens", func(h *Hours) { h.Days[1] = Day{From: 61, To: 60} }, false},
		{"closed for a day", func(h *Hours) { h.Days[1] = Day{From: 60, To: 60} }, true},
		{"never open", func(h *Hours) { h.On, h.Days = true, [7]Day{} }, false},
		{"never open, and off", func(h *Hours) { h.On, h.Days = false, [7]Day{} }, true},
		{"no zone", func(h *Hours) { h.Zone = "" }, false},
		{"the machine's zone", func(h *Hours) { h.Zone = "Local" }, false},
		{"an unknown zone", func(h *Hours) { h.Zone = "Mars/Olympus" }, false},
		{"a holiday", func(h *Hours) { h.Shut = []string{"2026-12-25"} }, true},
		{"no day", func(h *Hours) { h.Shut = []string{"2026-12-32"} }, false},
	} {
		h := DefaultHours()
		h.Zone = "Europe/Berlin"
		c.change(&h)
		if p := h.Problem(); (p == "") != c.ok {
			t.Errorf("%s: %q", c.what, p)
		}
	}
}
