// Package components holds the small parts that every page is made of. They take plain values.
package components

import (
	"fmt"
	"strconv"
	"time"

	"parley/static"
	"parley/whatsapp"
)

func iconURL(name string) string { return static.URL("icons.svg") + "#" + name }

// Millis is a moment as the script reads it, in milliseconds.
func Millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func utc(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// dash is the length of the ring's arc for the remaining part of 24 hours: the circumference of radius 6 is 37.7.
func dash(left time.Duration) string {
	f := min(1, max(0, left.Hours()/whatsapp.Window.Hours()))
	return fmt.Sprintf("%.1f 40", 37.7*f)
}

func leftText(left time.Duration) string {
	switch m := int(left.Minutes()); {
	case left <= 0:
		return "Session closed"
	case m >= 60:
		return fmt.Sprintf("%d h %d min left", m/60, m%60)
	case m >= 1:
		return fmt.Sprintf("%d min left", m)
	}
	return "less than a minute left"
}

func level(left time.Duration) string {
	switch {
	case left <= 0:
		return "over"
	case left < 10*time.Minute:
		return "red"
	case left < time.Hour:
		return "amber"
	}
	return "calm"
}

// initials are up to two letters of a name.
func initials(name string) string {
	var out []rune
	first := true
	for _, r := range name {
		if r == ' ' {
			first = true
			continue
		}
		if first && r != '+' && len(out) < 2 {
			out = append(out, r)
		}
		first = false
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

// Approval is a state of approval in words and tone.
func Approval(a whatsapp.Approval) (text string, tone whatsapp.Tone) {
	switch a {
	case whatsapp.Draft:
		return "Draft", ""
	case whatsapp.Submitted:
		return "Submitted", whatsapp.ToneInfo
	case whatsapp.Pending:
		return "In review", whatsapp.ToneInfo
	case whatsapp.Approved:
		return "Approved", whatsapp.ToneGood
	case whatsapp.Rejected:
		return "Rejected", whatsapp.ToneBad
	case whatsapp.Paused:
		return "Paused", whatsapp.ToneWarn
	case whatsapp.Ready:
		return "Ready", whatsapp.ToneGood
	default: // whatsapp.Disabled
		return "Disabled", whatsapp.ToneBad
	}
}

// Consent is a state of consent in words and tone.
func Consent(c whatsapp.Consent) (text string, tone whatsapp.Tone) {
	switch c {
	case whatsapp.OptedIn:
		return "Opted in", whatsapp.ToneGood
	case whatsapp.SandboxOnly:
		return "Opted in, Sandbox only", whatsapp.ToneWarn
	case whatsapp.OptedOut:
		return "Opted out", whatsapp.ToneBad
	default: // whatsapp.ConsentNone
		return "No opt-in", whatsapp.ToneWarn
	}
}

// Status is a message's status in words and tone.
func Status(s whatsapp.Status) (text string, tone whatsapp.Tone) {
	switch s {
	case whatsapp.Queued:
		return "Waiting to leave", ""
	case whatsapp.Sending:
		return "Sending", whatsapp.ToneInfo
	case whatsapp.OutcomeUnknown:
		return "Unknown, checking", whatsapp.ToneWarn
	case whatsapp.Accepted:
		return "With Twilio", whatsapp.ToneInfo
	case whatsapp.Sent:
		return "Sent", whatsapp.ToneInfo
	case whatsapp.Delivered:
		return "Delivered", whatsapp.ToneGood
	case whatsapp.Read:
		return "Read", whatsapp.ToneGood
	case whatsapp.Canceled:
		return "Canceled", ""
	case whatsapp.Refused:
		return "Stopped", whatsapp.ToneBad
	case whatsapp.Undelivered:
		return "Not delivered", whatsapp.ToneBad
	case whatsapp.Failed:
		return "Failed", whatsapp.ToneBad
	default: // inbound messages and notes are not delivered
		return string(s), ""
	}
}
