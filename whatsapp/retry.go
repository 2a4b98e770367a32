package whatsapp

import "time"

// TooFast reports whether an error says that the sender is too fast, or has reached its limit for now.
// Source: Twilio, errors 20429, 63017, 63018, 63119.
func TooFast(code int) bool { return code == 20429 || code == 63017 || code == 63018 || code == 63119 }

// RetryAfter is how long to wait before a message that failed with a code is sent again after so many attempts; 0 if
// it must not be. The pause grows from half a minute to two hours. Source: Twilio's error dictionary.
func RetryAfter(code, attempts int) time.Duration {
	grown := min(30*time.Second<<min(max(attempts-1, 0), 8), 2*time.Hour)
	switch code {
	case 63010, 63012: // an internal error at WhatsApp
		return grown
	case 30008, 63036: // unknown, or out of reach: once
		if attempts <= 1 {
			return 10 * time.Minute
		}
		return 0
	case 63038: // the account's limit, over a rolling day
		return 24 * time.Hour
	}
	if TooFast(code) {
		return grown
	}
	return 0
}

// Passing are the temporary errors, after which a later attempt may succeed: those that are retried automatically, and
// those with a temporary reason on the person's or the account's side.
var Passing = []int{20429, 63017, 63018, 63119, 63010, 63012, 30008, 63036, 63038, 63032, 30036}
