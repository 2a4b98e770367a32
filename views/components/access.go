package components

import (
	"parley/models/onboarding"
	"parley/whatsapp"
)

var accessStateNames = map[onboarding.AccessState]string{
	onboarding.AccessDraft:      "Draft",
	onboarding.AccessReady:      "Ready",
	onboarding.AccessSubmitted:  "Submitted",
	onboarding.AccessInReview:   "In review",
	onboarding.AccessMoreInfo:   "More information asked",
	onboarding.AccessApproved:   "Approved",
	onboarding.AccessRejected:   "Rejected",
	onboarding.AccessRegistered: "Number registered",
	onboarding.AccessLive:       "Live",
}

// AccessStateName is the name of a request's state.
func AccessStateName(s onboarding.AccessState) string { return accessStateNames[s] }

// AccessTone is the colour of a state.
func AccessTone(s onboarding.AccessState) whatsapp.Tone {
	switch s {
	case onboarding.AccessApproved, onboarding.AccessRegistered, onboarding.AccessLive:
		return whatsapp.ToneGood
	case onboarding.AccessRejected:
		return whatsapp.ToneBad
	case onboarding.AccessMoreInfo:
		return whatsapp.ToneWarn
	case onboarding.AccessDraft:
		return ""
	default: // it is under way
		return whatsapp.ToneInfo
	}
}
