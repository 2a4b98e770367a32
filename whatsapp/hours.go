package whatsapp

import (
	"fmt"
	"time"
)

// Hours are a business's opening hours, in its own time zone. Without On it is always open.
type Hours struct {
	On   bool     `json:"on"`
	Zone string   `json:"zone"`
	Days [7]Day   `json:"days"` // Sunday first, as time.Weekday counts
	Shut []string `json:"shut"` // days on which it is closed all day: 2006-01-02
}

// Day is from when to when, in minutes after midnight. Both are equal on a closed day.
type Day struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// DefaultHours are Monday to Friday, 9 to 17 o'clock, and off.
func DefaultHours() Hours {
	h := Hours{Zone: "UTC"}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Days[d] = Day{From: 9 * 60, To: 17 * 60}
	}
	return h
}

// Problem is why the hours are invalid, as a sentence; empty if they are valid.
func (h Hours) Problem() string {
	if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		return "Choose a time zone such as Europe/Berlin."
	}
	open := false
	for d, day := range h.Days {
		if day.From < 0 || day.To > 24*60 || day.To < day.From {
			return time.Weekday(d).String() + " closes before it opens."
		}
		open = open || day.To > day.From
	}
	for _, s := range h.Shut {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return fmt.Sprintf("%q is no day: write 2026-12-25.", s)
		}
	}
	if h.On && !open {
		return "Open on one day at least."
	}
	return ""
}

// Open reports whether the business is open at t.
func (h Hours) Open(t time.Time) bool {
	if !h.On {
		return true
	}
	from, to := h.span(t)
	return !t.Before(from) && t.Before(to)
}

// Add counts d of opening hours from t on.
func (h Hours) Add(t time.Time, d time.Duration) time.Time {
	if !h.On {
		return t.Add(d)
	}
	for day := range 400 { // more than a year: no hours have more closed days in a row
		at := t
		if day > 0 {
			at = h.midnight(t, day)
		}
		from, to := h.span(at)
		if at.Before(from) {
			at = from
		}
		if left := to.Sub(at); left > 0 {
			if d <= left {
				return at.Add(d)
			}
			d -= left
		}
	}
	return t.Add(d)
}

// span is when the business opens and closes on t's day.
func (h Hours) span(t time.Time) (from, to time.Time) {
	midnight := h.midnight(t, 0)
	day := h.Days[midnight.Weekday()]
	for _, s := range h.Shut {
		if midnight.Format(time.DateOnly) == s {
			day = Day{}
		}
	}
	// by local time: a day on which the clocks change has the same hours
	at := func(min int) time.Time {
		return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, min, 0, 0, midnight.Location())
	}
	return at(day.From), at(day.To)
}

func (h Hours) midnight(t time.Time, later int) time.Time {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		zone = time.UTC
	}
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day()+later, 0, 0, 0, 0, zone)
}
