package messaging

import (
	"strings"
	"time"

	"parley/models"
)

// untilReply means that something waits until the person writes.
const untilReply = "reply"

// SnoozeUntil reads how long a conversation is snoozed: "reply" until the person writes, a duration such as 4h,
// "tomorrow" and "monday" for 9 o'clock in zone, or a time (RFC 3339, or 2006-01-02T15:04 in zone). It refuses times in
// the past or more than a year away (field snooze).
func SnoozeUntil(word string, now time.Time, zone *time.Location) (*time.Time, error) {
	var t time.Time
	local := now.In(zone)
	morning := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 9, 0, 0, 0, zone)
	}
	switch word = strings.TrimSpace(word); word {
	case untilReply:
		return nil, nil
	case "tomorrow":
		t = morning(1)
	case "monday":
		t = morning((7+int(time.Monday)-int(local.Weekday())-1)%7 + 1)
	default:
		d, err := time.ParseDuration(word)
		if err == nil {
			t = now.Add(d)
			break
		}
		if t, err = time.Parse(time.RFC3339, word); err != nil {
			if t, err = models.ReadLocal(word, zone, nil); err != nil {
				return nil, models.InvalidBecause("snooze", err)
			}
		}
	}
	if !t.After(now) || t.After(now.AddDate(1, 0, 0)) {
		return nil, models.Invalid("snooze", "conversation.snooze_time_to_come")
	}
	t = t.UTC()
	return &t, nil
}
