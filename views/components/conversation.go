package components

import (
	"fmt"
	"slices"
	"time"

	"parley/models"
	"parley/models/inbox"
)

// Snoozes are how long a conversation can be snoozed.
var Snoozes = []Option{
	{Value: "1h", Label: "For an hour"},
	{Value: "4h", Label: "For 4 hours"},
	{Value: "tomorrow", Label: "Until tomorrow, 9:00"},
	{Value: "monday", Label: "Until Monday, 9:00"},
	{Value: "reply", Label: "Until they write"},
}

// LabelsOf are the labels with some ids, at most so many.
func LabelsOf(ids models.IDs, all []inbox.Label, most int) (out []inbox.Label) {
	for _, l := range all {
		if slices.Contains(ids, l.ID) && len(out) < most {
			out = append(out, l)
		}
	}
	return out
}

func dueLevel(by, now time.Time) string {
	switch left := by.Sub(now); {
	case left <= 0:
		return "red"
	case left < 10*time.Minute:
		return "amber"
	}
	return "calm"
}

func dueText(what string, by, now time.Time) string {
	if left := by.Sub(now); left > 0 {
		return what + " due in " + brief(left)
	}
	return what + " late by " + brief(now.Sub(by))
}

func brief(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d min", max(1, int(d.Minutes())))
}
