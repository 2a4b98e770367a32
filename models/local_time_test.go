package models_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parley/models"
)

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, ok := models.LoadZone(name)
	if !ok {
		t.Fatalf("no zone %s", name)
	}
	return zone
}

// Every half hour around a clock change, with odd seconds, comes back from a form as the same moment.
func TestShownTimesReadBack(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]string{
		"UTC":                  {"2026-03-29T01:00:00Z"},
		"Europe/Berlin":        {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"},
		"America/St_Johns":     {"2026-03-08T05:30:00Z", "2026-11-01T04:30:00Z"},
		"Pacific/Auckland":     {"2026-09-26T14:00:00Z", "2026-04-04T14:00:00Z"},
		"Australia/Lord_Howe":  {"2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z"}, // by half an hour
		"America/Santiago":     {"2026-09-06T04:00:00Z", "2026-04-05T03:00:00Z"}, // at midnight
		"Asia/Kathmandu":       {"2026-03-29T01:00:00Z"},
		"Africa/Casablanca":    {"2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"},
		"Antarctica/Troll":     {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"}, // by two hours
		"America/Indiana/Knox": {"2026-03-08T08:00:00Z", "2026-11-01T07:00:00Z"},
	} {
		zone := zoneNamed(t, name)
		for _, change := range changes {
			at, err := time.Parse(time.RFC3339, change)
			if err != nil {
				t.Fatal(err)
			}
			for was := at.Add(-6 * time.Hour); was.Before(at.Add(6 * time.Hour)); was = was.Add(30*time.Minute + 7*time.Second) {
				got, err := models.ReadLocal(models.ShowLocal(was, zone), zone, &was)
				if err != nil || !got.Equal(was) {
					t.Errorf("%s: %s comes back as %s (%v)", name, was, got, err)
				}
				if day, err := models.ReadDay(was.In(zone).Format(time.DateOnly), zone, &was); err != nil || !day.Equal(was) {
					t.Errorf("%s: the day of %s comes back as %s (%v)", name, was, day, err)
				}
				// Without the original moment the same local time is read, but possibly the other of two hours.
				if got, err := models.ReadLocal(models.ShowLocal(was, zone), zone, nil); err != nil || models.ShowLocal(got, zone) != models.ShowLocal(was, zone) {
					t.Errorf("%s: %s is read as %s (%v)", name, was, got, err)
				}
			}
		}
	}
}

func TestReadLocal(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 10, 25, 1, 30, 12, 0, time.UTC) // the second 02:30 in Berlin
	for _, c := range []struct {
		zone, text string
		was        *time.Time
		want       string // RFC 3339 in UTC, or a part of the refusal's message
	}{
		{"Europe/Berlin", "2026-07-01T17:00", nil, "2026-07-01T15:00:00Z"},
		{"Europe/Berlin", "2026-07-01T17:00:30", nil, "2026-07-01T15:00:30Z"},
		{"Europe/Berlin", "2026-03-29T01:59", nil, "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30", nil, "does not exist in Europe/Berlin"},
		{"Europe/Berlin", "2026-03-29T03:00", nil, "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30", nil, "2026-10-25T00:30:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30", &winter, "2026-10-25T01:30:12Z"},
		{"Europe/Berlin", "2026-10-25T02:45", &winter, "2026-10-25T01:45:00Z"}, // still the second of the two hours
		{"Europe/Berlin", "2026-10-24T02:30", &winter, "2026-10-24T00:30:00Z"},
		{"America/St_Johns", "2026-03-08T02:15", nil, "does not exist"},
		{"America/St_Johns", "2026-07-01T09:00", nil, "2026-07-01T11:30:00Z"},
		{"Pacific/Auckland", "2026-12-31T23:59", nil, "2026-12-31T10:59:00Z"},
		{"UTC", "", nil, "Choose a day"},
		{"UTC", "tomorrow", &winter, "Choose a day"},
		{"UTC", "2026-02-30T10:00", nil, "Choose a day"},
	} {
		got, err := models.ReadLocal(c.text, zoneNamed(t, c.zone), c.was)
		if err != nil {
			if e, ok := errors.AsType[*models.Error](err); !ok || !strings.Contains(e.Message(), c.want) {
				t.Errorf("%s in %s: %v", c.text, c.zone, err)
			}
			continue
		}
		if s := got.UTC().Format(time.RFC3339); s != c.want {
			t.Errorf("%s in %s is %s, want %s", c.text, c.zone, s, c.want)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd"} {
		if _, ok := models.LoadZone(name); ok {
			t.Errorf("%q is a time zone", name)
		}
	}
}
