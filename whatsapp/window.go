package whatsapp

import "time"

// Window is how long a session stays open after a person's latest message.
// Source: Twilio, "Send WhatsApp messages outside the 24-hour window".
const Window = 24 * time.Hour

// SandboxMembership is how long a number that joined Twilio's Sandbox belongs to it.
const SandboxMembership = 72 * time.Hour

// WindowCloses is the moment at which a session ends that the inbound message at lastInbound opened.
func WindowCloses(lastInbound time.Time) time.Time { return lastInbound.Add(Window) }

// WindowOpen reports whether a free-form message may be sent at now. A nil lastInbound means that the person never
// wrote. The closing moment itself is already outside.
func WindowOpen(lastInbound *time.Time, now time.Time) bool {
	return lastInbound != nil && now.Before(WindowCloses(*lastInbound))
}
