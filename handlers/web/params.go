package web

import (
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// Int64Param is a whole number of the address or the form, 0 if there is none or it makes no sense.
func Int64Param(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.FormValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// MinuteOf reads a time of day as minutes after midnight, nil if it is empty.
func MinuteOf(f Form, field string) (*int, error) {
	text := f.Get(field)
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return nil, models.Invalid(field, "form.not_a_time")
	}
	m := t.Hour()*60 + t.Minute()
	return &m, nil
}

// ClockOf formats minutes after midnight for a time field, empty for none.
func ClockOf(minute *int) string {
	if minute == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
}

// Timestamp is a time for other programs, empty if there is none.
func Timestamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
