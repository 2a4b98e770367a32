package notifying

import (
	"fmt"
	"net/http"
	"time"

	"parley/models/notifications"
)

// The validity of a message of the API, in seconds: the default and the maximum. A one-time code is valid for ten
// minutes, as long as WhatsApp tries to deliver one, or for as long as its text says; that is at most 90 minutes.
// Source: Meta, "Time-to-live", and Twilio, whatsapp/authentication.
const (
	shortestValidity = 30
	defaultValidity  = 24 * 60 * 60
	longestValidity  = 30 * 24 * 60 * 60
	codeValidity     = 10 * 60
	longestCode      = 90 * 60
)

// What a message of the API waits for, as the answer names it.
const (
	waitsOffline = "sender_offline"
	waitsQuiet   = "quiet_hours"
)

// sending is when a message of the API may be sent, until when it is valid, and what it waits for.
type sending struct {
	at, until time.Time
	waits     string
}

// when decides when a call's message may be sent: at once, or after the quiet hours in the contact's time zone, if it
// is still valid then. Quiet hours don't apply to one-time codes.
func (c *apiMessage) when(now time.Time, rules notifications.NotifyRules, in Call) (sending, *Answer) {
	seconds, most := defaultValidity, longestValidity
	if oneTimeCode(c.version) {
		seconds, most = codeValidity, longestCode
		if minutes := c.version.Whole().Minutes; minutes > 0 {
			seconds = min(seconds, minutes*60)
		}
	}
	if in.ValidFor != nil {
		seconds = *in.ValidFor
	}
	if seconds < shortestValidity || seconds > most {
		a := refusal(
			http.StatusUnprocessableEntity,
			"valid_for",
			"invalid_valid_for",
			fmt.Sprintf("Give seconds from %d to %d for this template.", shortestValidity, most),
		)
		return sending{}, &a
	}
	out := sending{at: now, until: now.Add(time.Duration(seconds) * time.Second)}
	if !c.sender.Live() {
		out.waits = waitsOffline
	}
	if oneTimeCode(c.version) {
		return out, nil
	}
	if at := outOfQuiet(now.In(zoneOf(c.contact)), rules.QuietFrom, rules.QuietTo); at.After(now) {
		if !at.Before(out.until) {
			a := notNow(
				http.StatusConflict,
				"to",
				waitsQuiet,
				fmt.Sprintf("It is %s where the contact is, and quiet until %s: the message would not be valid any more then.",
					now.In(zoneOf(c.contact)).Format("15:04"), at.Format("15:04")),
			)
			return sending{}, &a
		}
		out.at, out.waits = at, waitsQuiet
	}
	return out, nil
}
