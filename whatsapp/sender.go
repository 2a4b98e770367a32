package whatsapp

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SenderKind says who owns a sender's number.
type SenderKind string

// The kinds of senders: Twilio's shared number for trying things out, and a number of the business's own.
const (
	SandboxSender  SenderKind = "sandbox"
	BusinessSender SenderKind = "business"
)

// SenderKinds are all kinds of senders.
func SenderKinds() []SenderKind { return []SenderKind{SandboxSender, BusinessSender} }

// SenderState says whether a sender sends messages: it is online at Twilio, as far as known, and nobody has switched it
// off here.
type SenderState string

// The states of a sender.
const (
	SenderOnline  SenderState = "online"
	SenderOffline SenderState = "offline"
)

// SenderStates are all states of a sender.
func SenderStates() []SenderState { return []SenderState{SenderOnline, SenderOffline} }

// TierPeriod is how long a person counts against a sender's limit of different people.
// Source: Meta, "Messaging limits".
const TierPeriod = 24 * time.Hour

// RegistrationPeriod is the time in which Twilio takes at most MaxRegistrations tries to register one number. Source:
// Twilio, error 63102.
const RegistrationPeriod = 72 * time.Hour

// MaxRegistrations is how many tries to register a number Twilio takes in a RegistrationPeriod.
const MaxRegistrations = 10

var tierNumber = regexp.MustCompile(`(?i)^\s*(?:tier_)?([0-9]+(?:\.[0-9]+)?)\s*(k|m)?`)

// Tier reads how many different people a sender may write to first in a TierPeriod, from Twilio's text such as "10K
// Customers/24hr". 0: no limit, or an unknown text.
func Tier(limit string) int {
	m := tierNumber.FindStringSubmatch(limit)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0
	}
	switch strings.ToLower(m[2]) {
	case "k":
		n *= 1_000
	case "m":
		n *= 1_000_000
	}
	return int(n)
}
