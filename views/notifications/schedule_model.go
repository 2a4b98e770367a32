// Package notifications shows notifications: the list, the form, the dry run, and how each one's messages stand.
package notifications

import (
	"fmt"
	"strings"

	"parley/models/notifications"
	"parley/views/components"
)

var dayNames = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// ScheduleText says in plain words when a notification is repeated.
func ScheduleText(s *notifications.Schedule) string {
	days := weekdays(s.Recurrence)
	if s.Dates != 0 {
		days = monthdays(s.Recurrence)
	}
	return fmt.Sprintf("%s at %02d:%02d (%s)", days, s.Minute/60, s.Minute%60, s.Zone)
}

func weekdays(r notifications.Recurrence) string {
	var names []string
	for i, name := range dayNames {
		if r.Days&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	on := strings.Join(names, ", ")
	switch r.Days {
	case 127:
		on = "every day"
	case 31:
		on = "from Monday to Friday"
	case 96:
		on = "on Saturday and Sunday"
	default:
		if r.Weeks > 1 {
			on = "on " + on
		} else {
			on = "every " + on
		}
	}
	if r.Weeks > 1 {
		return "Every " + ordinals[r.Weeks] + " week " + on
	}
	return strings.ToUpper(on[:1]) + on[1:]
}

var ordinals = []string{"", "", "second", "third", "fourth"}

func monthdays(r notifications.Recurrence) string {
	var days []string
	for _, n := range r.DatesOf() {
		suffix := "th"
		if n/10 != 1 && n%10 >= 1 && n%10 <= 3 {
			suffix = []string{"", "st", "nd", "rd"}[n%10]
		}
		days = append(days, components.Int(n)+suffix)
	}
	if r.Dates&notifications.LastDay != 0 {
		days = append(days, "last day")
	}
	text := days[0]
	for i, d := range days[1:] {
		if i == len(days)-2 {
			text += " and " + d
		} else {
			text += ", " + d
		}
	}
	return "On the " + text + " of each month"
}
