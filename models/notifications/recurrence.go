package notifications

import (
	"math/bits"
	"time"
)

// Recurrence is when something repeats: on days of the week, or on days of the month.
type Recurrence struct {
	Days  int // bits, Monday is 1
	Weeks int // every how many weeks, 1 to 4
	// Dates are days of the month, bits 1 to 31, and bit 0 for the last one; if any is set, Days and Weeks are ignored
	Dates  int64
	Minute int    // after midnight
	Zone   string // IANA name
}

// LastDay is the bit of the month's last day.
const LastDay = 1

// After is the recurrence's next moment after t. Weeks are counted from the first one that has a moment after since.
func (r Recurrence) After(t, since time.Time) time.Time {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		loc = time.UTC
	}
	first := monday(since.In(loc))
	if r.Dates == 0 && r.Weeks > 1 {
		weekly := r
		weekly.Weeks = 1
		first = monday(weekly.After(since, since).In(loc))
	}
	t = t.In(loc)
	// The next 31st is at most two months away, the next fourth week one.
	for i := range 100 {
		at := time.Date(t.Year(), t.Month(), t.Day()+i, r.Minute/60, r.Minute%60, 0, 0, loc)
		if at.After(t) && r.on(at, first) {
			return at
		}
	}
	return t.AddDate(1, 0, 0)
}

func (r Recurrence) on(d, first time.Time) bool {
	if r.Dates != 0 {
		last := d.AddDate(0, 0, 1).Day() == 1
		return r.Dates&(1<<d.Day()) != 0 || last && r.Dates&LastDay != 0
	}
	weeks := int(monday(d).Sub(first).Round(24*time.Hour).Hours()) / (7 * 24)
	return r.Days&(1<<((int(d.Weekday())+6)%7)) != 0 && weeks%max(1, r.Weeks) == 0
}

// monday is the week's first midnight.
func monday(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
}

// DatesOf lists the days of the month, without the last one.
func (r Recurrence) DatesOf() (out []int) {
	for rest := uint64(r.Dates) &^ LastDay; rest != 0; rest &= rest - 1 {
		out = append(out, bits.TrailingZeros64(rest))
	}
	return out
}
