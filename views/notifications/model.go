// Package notifications shows notifications: the list, the form, the dry run, and how each one's messages stand.
package notifications

import (
	"strconv"
	"strings"

	"parley/models/notifications"
	"parley/whatsapp"
)

var stateWords = map[notifications.NotificationState]struct {
	Text string
	Tone whatsapp.Tone
}{
	notifications.NotificationChecking: {
		"Being checked",
		whatsapp.ToneInfo,
	},
	notifications.NotificationChecked:   {"Checked", ""},
	notifications.NotificationAwaiting:  {"Waits for approval", whatsapp.ToneWarn},
	notifications.NotificationScheduled: {"Scheduled", whatsapp.ToneInfo},
	notifications.NotificationPreparing: {
		"Being prepared",
		whatsapp.ToneInfo,
	},
	notifications.NotificationRunning:  {"Running", whatsapp.ToneInfo},
	notifications.NotificationPaused:   {"Paused", whatsapp.ToneWarn},
	notifications.NotificationCanceled: {"Canceled", ""},
	notifications.NotificationFinished: {"Finished", whatsapp.ToneGood},
	notifications.NotificationExpired:  {"Expired", whatsapp.ToneBad},
}

// reachedNobody reports whether a notification ended without a message reaching anybody.
func reachedNobody(n notifications.NotificationRow) bool {
	return n.State == notifications.NotificationFinished && n.Reached() == 0
}

func state(n notifications.NotificationRow) (text string, tone whatsapp.Tone) {
	w := stateWords[n.State]
	if reachedNobody(n) {
		return "Reached nobody", whatsapp.ToneBad
	}
	return w.Text, w.Tone
}

func number(i int) string { return strconv.Itoa(i + 1) }

func label(name string) string {
	if len(name) < 3 {
		return "Placeholder " + name
	}
	return name
}

// percent is n as a percentage of total.
func percent(n, total int) string {
	if total == 0 {
		return "0"
	}
	return strconv.Itoa(n * 100 / total)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// AudienceText describes a notification's audience.
func AudienceText(a notifications.Audience) string {
	switch {
	case a.Kind == "list" && a.Name != "":
		return "The list “" + a.Name + "”, " + thousands(a.Rows) + " rows" + numbersFrom(a)
	case a.Kind == "list":
		return "A list of " + thousands(a.Rows) + " rows" + numbersFrom(a)
	case a.Kind == "contacts" && a.Name != "":
		return a.Name
	case a.Kind == "contacts" && len(a.Contacts) == 1:
		return "One contact"
	case a.Kind == "contacts":
		return thousands(len(a.Contacts)) + " contacts"
	}
	whom := "Everybody who is opted in"
	if a.Segment != nil {
		whom = "Segment “" + a.Segment.Name + "”"
	}
	for _, t := range a.Tags {
		whom += ", tag " + t.Name
	}
	return whom
}

// numbersFrom says which column of a list has the numbers, if the list has other columns.
func numbersFrom(a notifications.Audience) string {
	if a.Number == "" || len(a.Columns) == 0 {
		return ""
	}
	return ", numbers from the column “" + a.Number + "”"
}

// unreached says in words what happened to the people who were not reached.
func unreached(n notifications.NotificationRow) string {
	var parts []string
	for _, x := range []struct {
		n    int
		text string
	}{{n.Failed, "failed"}, {n.Refused, "stopped before they left"}, {n.LeftOut(), "left out"}} {
		if x.n > 0 {
			parts = append(parts, thousands(x.n)+" "+x.text)
		}
	}
	if len(parts) == 0 {
		return "nobody was in its audience any more."
	}
	return strings.Join(parts, ", ") + ". The reasons stand below."
}
