package whatsapp

import (
	"regexp"
	"strconv"
	"strings"
)

var tierNumber = regexp.MustCompile(`(?i)^\s*(?:tier_)?([0-9]+(?:\.[0-9]+)?)\s*(k|m)?`)

// Tier reads how many different people a sender may write to first in 24 hours, from Twilio's words such as
// "10K Customers/24hr". 0: no limit, or words that it does not know.
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
