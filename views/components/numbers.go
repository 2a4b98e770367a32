package components

import "strconv"

// Int is a whole number as text.
func Int[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// Bool is true or false as text, for attributes.
func Bool(b bool) string { return strconv.FormatBool(b) }

// Grouped is a number with a comma after every three digits.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
