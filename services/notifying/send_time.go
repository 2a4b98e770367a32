package notifying

import (
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
)

// oneTimeCode reports whether a version is a one-time code: neither quiet hours nor the frequency cap hold it back,
// since the person asked for it and can't use it later.
func oneTimeCode(v *templates.TemplateVersion) bool {
	return v.EffectiveCategory() == whatsapp.Authentication
}

// sendAt is when a contact's message may be sent: at once or at the scheduled time, in the contact's time zone if the
// notification says so, and outside of the quiet hours there.
func sendAt(n *notifications.Notification, v *templates.TemplateVersion, c *people.Contact, now time.Time) time.Time {
	at := wanted(n, c, now)
	if at.Before(now) {
		at = now
	}
	if oneTimeCode(v) {
		return at.In(zoneOf(c))
	}
	return outOfQuiet(at.In(zoneOf(c)), n.QuietFrom, n.QuietTo)
}

// wanted is the requested time: the scheduled one, in the contact's time zone if the notification says so, else now.
func wanted(n *notifications.Notification, c *people.Contact, now time.Time) time.Time {
	switch {
	case n.SendAt == nil:
		return now
	case n.LocalTime:
		w := n.SendAt.UTC()
		return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), 0, 0, zoneOf(c))
	}
	return *n.SendAt
}

// outOfQuiet moves a moment to the end of the quiet hours if it is within them.
func outOfQuiet(at time.Time, from, to *int) time.Time {
	if from == nil || to == nil {
		return at
	}
	minute := at.Hour()*60 + at.Minute()
	end := time.Date(at.Year(), at.Month(), at.Day(), *to/60, *to%60, 0, 0, at.Location())
	switch {
	case *from < *to && minute >= *from && minute < *to:
		return end
	case *from > *to && minute >= *from:
		return end.AddDate(0, 0, 1)
	case *from > *to && minute < *to:
		return end
	}
	return at
}

func zoneOf(c *people.Contact) *time.Location {
	name, _ := c.Zone()
	if name == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}
