package notifying

import (
	"testing"
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/templates"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Validity counts from the requested time, whenever it is checked.
func TestLate(t *testing.T) {
	t.Parallel()
	at := func(text string) *time.Time { x := moment(t, text); return &x }
	minutes := func(n int) *int { return &n }
	planned := notifications.Notification{SendAt: at("2026-11-23T04:41:00Z"), ValidHours: 2}
	local := notifications.Notification{SendAt: at("2026-11-23T09:00:00Z"), LocalTime: true, ValidHours: 2}
	started := notifications.Notification{ValidHours: 2, ValidUntil: at("2026-11-23T06:41:00Z")}
	quiet := notifications.Notification{ValidHours: 2, QuietFrom: minutes(21 * 60), QuietTo: minutes(8 * 60)}
	longer := quiet
	longer.ValidHours = 24
	for name, c := range map[string]struct {
		n         notifications.Notification
		zone, now string
		late      bool
	}{
		"planned, before its hour":            {planned, "UTC", "2026-11-22T12:00:00Z", false},
		"planned, within its time":            {planned, "UTC", "2026-11-23T06:40:59Z", false},
		"planned, when its time ends":         {planned, "UTC", "2026-11-23T06:41:00Z", true},
		"planned, four days later":            {planned, "UTC", "2026-11-27T04:41:00Z", true},
		"started, within its time":            {started, "UTC", "2026-11-23T06:40:00Z", false},
		"started, afterwards":                 {started, "UTC", "2026-11-23T06:42:00Z", true},
		"a dry run":                           {notifications.Notification{ValidHours: 1}, "UTC", "2026-11-27T04:41:00Z", false},
		"by the clock in Auckland, in time":   {local, "Pacific/Auckland", "2026-11-22T21:59:00Z", false},
		"by the clock in Auckland, too late":  {local, "Pacific/Auckland", "2026-11-22T22:00:00Z", true},
		"by the clock in Honolulu, to come":   {local, "Pacific/Honolulu", "2026-11-23T18:00:00Z", false},
		"by the clock in Honolulu, in time":   {local, "Pacific/Honolulu", "2026-11-23T20:59:00Z", false},
		"by the clock in Honolulu, too late":  {local, "Pacific/Honolulu", "2026-11-23T21:00:00Z", true},
		"quiet hours that last longer":        {quiet, "Europe/Berlin", "2026-11-23T21:00:00Z", true},
		"quiet hours that end in time":        {quiet, "Europe/Berlin", "2026-11-23T06:00:00Z", false},
		"quiet hours, and a day to do it":     {longer, "Europe/Berlin", "2026-11-23T21:00:00Z", false},
		"a single message without a validity": {notifications.Notification{}, "UTC", "2026-11-23T21:00:00Z", false},
	} {
		if got := late(&c.n, &templates.TemplateVersion{}, &people.Contact{TimeZone: c.zone}, moment(t, c.now)); got != c.late {
			t.Errorf("%s: late is %v", name, got)
		}
	}
}

// Of the times that a schedule missed, the latest is sent if it is still valid.
func TestMissed(t *testing.T) {
	t.Parallel()
	next := moment(t, "2026-11-20T08:00:00Z")
	x := &notifications.Schedule{
		Recurrence: notifications.Recurrence{Days: 127, Weeks: 1, Minute: 9 * 60, Zone: "Europe/Berlin"},
		NextAt:     &next,
		CreatedAt:  moment(t, "2026-11-01T00:00:00Z"),
	}
	for _, c := range []struct {
		now     string
		hours   int
		send    string
		skipped int
	}{
		{"2026-11-20T08:00:01Z", 2, "2026-11-20T08:00:00Z", 0},
		{"2026-11-20T09:59:59Z", 2, "2026-11-20T08:00:00Z", 0},
		{"2026-11-20T10:00:00Z", 2, "", 1},
		{"2026-11-24T07:00:00Z", 2, "", 4},
		{"2026-11-24T09:00:00Z", 2, "2026-11-24T08:00:00Z", 4},
		{"2026-11-24T07:00:00Z", 720, "2026-11-23T08:00:00Z", 3},
	} {
		send, skipped := missed(x, c.hours, moment(t, c.now))
		got := ""
		if send != nil {
			got = send.UTC().Format(time.RFC3339)
		}
		if got != c.send || len(skipped) != c.skipped {
			t.Errorf(
				"at %s, valid for %d h: sends %q and skips %d, want %q and %d",
				c.now,
				c.hours,
				got,
				len(skipped),
				c.send,
				c.skipped,
			)
		}
	}
}
