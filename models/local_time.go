package models

import (
	"slices"
	"time"
)

// localTime is how a browser's datetime-local field writes a time: to the minute, without a zone.
const localTime = "2006-01-02T15:04"

// LoadZone finds a time zone by its IANA name, such as Europe/Berlin. The machine's own zone, Local, is not accepted.
func LoadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// ShowLocal is a moment as a datetime-local field shows it in zone; ReadLocal reads it back.
func ShowLocal(t time.Time, zone *time.Location) string { return t.In(zone).Format(localTime) }

// ReadLocal is the moment that a datetime-local field means in zone. was is the moment that the form was shown with,
// nil if it was empty: a field that still shows it means exactly that moment, seconds included. If the hour occurs
// twice because clocks go back, the one with was's offset is meant, else the first. It refuses text that is not a time,
// and times that are skipped when clocks go forward.
func ReadLocal(text string, zone *time.Location, was *time.Time) (time.Time, error) {
	wall, err := time.Parse(localTime, text)
	if err != nil {
		if wall, err = time.Parse(localTime+":05", text); err != nil {
			return time.Time{}, Invalid("", "time.missing")
		}
	}
	if was != nil && ShowLocal(*was, zone) == text {
		return *was, nil
	}
	all := momentsAt(wall, zone)
	if len(all) == 0 {
		shown := wall.Format("15:04 on 2 January 2006")
		return time.Time{}, Invalid("", "time.left_out", "Time", shown, "Zone", zone)
	}
	if was != nil {
		_, offset := was.In(zone).Zone()
		for _, t := range all {
			if _, o := t.Zone(); o == offset {
				return t, nil
			}
		}
	}
	return all[0], nil
}

// momentsAt are the moments at which the clocks in zone show a time, first one first: one, none or two.
func momentsAt(wall time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for _, near := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		same := t.Format(time.DateTime) == wall.Format(time.DateTime)
		if same && !slices.ContainsFunc(out, t.Equal) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// ReadDay is noon of a day such as 2026-12-31 in zone. A field that still shows the day of was means exactly that
// moment.
func ReadDay(text string, zone *time.Location, was *time.Time) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, Invalid("", "time.no_day")
	}
	if was != nil && was.In(zone).Format(time.DateOnly) == text {
		return *was, nil
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone), nil
}
