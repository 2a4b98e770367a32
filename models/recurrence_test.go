package models_test

import (
	"slices"
	"testing"
	"time"

	"parley/models/notifications"
)

// Each recurrence's next four times, over months of all lengths and a clock change.
func TestRhythm(t *testing.T) {
	since := time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC) // a Wednesday
	for name, c := range map[string]struct {
		r    notifications.Recurrence
		want []string
	}{
		"every day":                     {notifications.Recurrence{Days: 127, Weeks: 1, Minute: 11 * 60}, []string{"01-29 11:00", "01-30 11:00", "01-31 11:00", "02-01 11:00"}},
		"later today":                   {notifications.Recurrence{Days: 127, Weeks: 1, Minute: 13 * 60}, []string{"01-28 13:00", "01-29 13:00", "01-30 13:00", "01-31 13:00"}},
		"every second Monday":           {notifications.Recurrence{Days: 1, Weeks: 2, Minute: 0}, []string{"02-02 00:00", "02-16 00:00", "03-02 00:00", "03-16 00:00"}},
		"two days of every third week":  {notifications.Recurrence{Days: 1 | 16, Weeks: 3, Minute: 540}, []string{"01-30 09:00", "02-16 09:00", "02-20 09:00", "03-09 09:00"}},
		"the first and the fifteenth":   {notifications.Recurrence{Dates: 1<<1 | 1<<15, Minute: 540}, []string{"02-01 09:00", "02-15 09:00", "03-01 09:00", "03-15 09:00"}},
		"the last day":                  {notifications.Recurrence{Dates: notifications.LastDay, Minute: 540}, []string{"01-31 09:00", "02-28 09:00", "03-31 09:00", "04-30 09:00"}},
		"the 31st":                      {notifications.Recurrence{Dates: 1 << 31, Minute: 540}, []string{"01-31 09:00", "03-31 09:00", "05-31 09:00", "07-31 09:00"}},
		"every second Sunday in Berlin": {notifications.Recurrence{Days: 64, Weeks: 2, Minute: 540, Zone: "Europe/Berlin"}, []string{"02-01 08:00", "02-15 08:00", "03-01 08:00", "03-15 08:00"}},
	} {
		var got []string
		at := since
		for range 4 {
			at = c.r.After(at, since)
			got = append(got, at.UTC().Format("01-02 15:04"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	berlin := notifications.Recurrence{Days: 64, Weeks: 2, Minute: 540, Zone: "Europe/Berlin"}
	if at := berlin.After(time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC), since).UTC().Format("01-02 15:04"); at != "03-29 07:00" {
		t.Errorf("on the day when the clocks change: %s", at)
	}
	leap := notifications.Recurrence{Dates: 1 << 29, Minute: 540}
	if at := leap.After(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), since); at.Format(time.DateOnly) != "2027-03-29" {
		t.Errorf("the 29th after January 2027: %s", at)
	}
}
